package dev.pgetl.observe;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one thread of a pipeline does at the moment, in a {@link PipelineStatus}. Immutable.
 *
 * <p>Each wait begins and ends a lap. A thread that works makes several laps a second; one that has
 * worked for minutes without any is stuck, and only a restart of the process helps.
 */
public final class ThreadStatus {
  /** What a thread does. */
  public enum Activity {
    /** It works, which never takes long. */
    WORKS,
    /** It connects to the source, reads from it or writes to it. */
    AWAITS_SOURCE,
    /** It is in a call of the destination. */
    AWAITS_DESTINATION,
    /** It is in a call of the store. */
    AWAITS_STORE,
    /** Another thread has a lock that it needs. */
    AWAITS_LOCK,
    /** It has nothing to do until another thread gives it something, or until a time. */
    AWAITS_WORK
  }

  private final String name;
  private final Activity activity;
  private final Instant since;
  private final Duration duration;

  private ThreadStatus(String name, Activity activity, Instant since, Duration duration) {
    this.name = Objects.requireNonNull(name, "name");
    this.activity = Objects.requireNonNull(activity, "activity");
    this.since = Objects.requireNonNull(since, "since");
    this.duration = Objects.requireNonNull(duration, "duration");
  }

  /**
   * {@return what a thread does}
   *
   * @param name the thread's name
   * @param activity what it does
   * @param since since when
   * @param duration for how long, when the status was made
   */
  public static ThreadStatus of(String name, Activity activity, Instant since, Duration duration) {
    return new ThreadStatus(name, activity, since, duration);
  }

  /** {@return the thread's name, as in a thread dump} */
  public String name() {
    return name;
  }

  /** {@return what it does} */
  public Activity activity() {
    return activity;
  }

  /** {@return since when it does that} */
  public Instant since() {
    return since;
  }

  /** {@return for how long it has done that, when the status was made} */
  public Duration duration() {
    return duration;
  }

  /**
   * {@return whether the thread is stuck: it waits for neither source, destination, store, a lock
   * nor work, and has not moved for longer than the limit}
   *
   * @param limit how long a thread may work without a lap
   */
  public boolean isStalled(Duration limit) {
    return activity == Activity.WORKS && duration.compareTo(limit) > 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ThreadStatus that
        && name.equals(that.name)
        && activity == that.activity
        && since.equals(that.since)
        && duration.equals(that.duration);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, activity, since, duration);
  }

  @Override
  public String toString() {
    return "ThreadStatus{name="
        + name
        + ", activity="
        + activity
        + ", since="
        + since
        + ", duration="
        + duration
        + "}";
  }
}
