package dev.pgetl.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/**
 * A clock that moves only when a test moves it; wall-clock time and elapsed time together.
 * Thread-safe.
 */
public final class ManualTime implements InstantSource {
  private final Object lock = new Object();
  private Instant now;
  private long nanos;

  private ManualTime(Instant start) {
    this.now = start;
  }

  /** {@return a clock that starts at the beginning of the year 2026} */
  public static ManualTime create() {
    return startingAt(Instant.parse("2026-01-01T00:00:00Z"));
  }

  /**
   * {@return a clock}
   *
   * @param start its first instant
   */
  public static ManualTime startingAt(Instant start) {
    return new ManualTime(Objects.requireNonNull(start, "start"));
  }

  @Override
  public Instant instant() {
    synchronized (lock) {
      return now;
    }
  }

  /**
   * {@return the time passed since the start, in nanoseconds: a stand-in for {@link
   * System#nanoTime()}}
   */
  public long nanoTime() {
    synchronized (lock) {
      return nanos;
    }
  }

  /**
   * Lets time pass.
   *
   * @param duration how much; not negative
   */
  public void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("elapsed time cannot go back: " + duration);
    }
    synchronized (lock) {
      now = now.plus(duration);
      nanos += duration.toNanos();
    }
  }

  /**
   * Sets the wall clock, as an administrator or NTP does: the elapsed time stays as it is.
   *
   * @param instant what the clock shows from now on; may lie in the past
   */
  public void setInstant(Instant instant) {
    synchronized (lock) {
      now = Objects.requireNonNull(instant, "instant");
    }
  }
}
