package dev.pgetl.internal.deliver;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes a call and retries it, with growing delay, until it succeeds. It gives up when a failure is
 * not temporary or the attempts are used up. As thread-safe as its {@link Between}.
 */
public final class Attempts {
  /**
   * A call that answers.
   *
   * @param <T> what it answers
   */
  @FunctionalInterface
  public interface Call<T> {
    /** {@return the answer} */
    T make() throws InterruptedException;
  }

  /** A call without an answer. */
  @FunctionalInterface
  public interface Action {
    /** Makes the call. */
    void make() throws InterruptedException;
  }

  /** What happens between two attempts. */
  public interface Between {
    /**
     * The call is going to be retried.
     *
     * @param failure why
     * @param attempt how many times in a row it failed, from 1
     * @param delay how long until then
     */
    void retrying(EtlException failure, int attempt, Duration delay);

    /** The call has failed; comes before the wait, and before the failure is thrown. */
    default void failed() throws InterruptedException {}

    /** The call has succeeded after it had failed. */
    default void recovered() {}

    /**
     * {@return whether to retry once the time has passed; false ends the attempts early}
     *
     * @param nanos how long to wait
     */
    boolean await(long nanos) throws InterruptedException;
  }

  /** What surrounds each attempt. */
  @FunctionalInterface
  public interface Turn {
    /** Comes before an attempt, which is made if it succeeds. */
    void begin() throws InterruptedException;

    /** Comes after an attempt, whatever became of it. */
    default void end() {}
  }

  private static final Turn ANY = () -> {};
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private final Backoff backoff;
  private final Between between;
  private final Turn turn;

  /**
   * Creates the loop.
   *
   * @param backoff delays, and how many there are
   * @param between what happens between attempts
   */
  public Attempts(Backoff backoff, Between between) {
    this(backoff, between, ANY);
  }

  private Attempts(Backoff backoff, Between between, Turn turn) {
    this.backoff = backoff;
    this.between = between;
    this.turn = turn;
  }

  /**
   * {@return the same loop; something has to succeed before each attempt, and is retried until the
   * waits have been as long as those of all retries together}
   *
   * @param first what
   */
  public Attempts eachAfter(Action first) {
    return eachIn(first::make);
  }

  /**
   * {@return the same loop; each attempt is made in a turn, whose begin is retried as {@link
   * #eachAfter} says}
   *
   * @param each the turn
   */
  public Attempts eachIn(Turn each) {
    return new Attempts(backoff, between, each);
  }

  /**
   * Makes a call without an answer, as {@link #make} does.
   *
   * @param action the call
   * @throws EtlException the last failure
   */
  public void run(Action action) throws InterruptedException {
    boolean unused =
        make(
            () -> {
              action.make();
              return true;
            });
  }

  /**
   * Makes a call.
   *
   * @param <T> what it answers
   * @param call the call
   * @return what it answered
   * @throws EtlException the last failure
   */
  public <T> T make(Call<T> call) throws InterruptedException {
    for (int failures = 1; ; failures++) {
      makeFirst();
      try {
        return recovered(inTurn(call), failures);
      } catch (EtlException e) {
        awaitRetry(e, failures);
      }
    }
  }

  private <T> T inTurn(Call<T> call) throws InterruptedException {
    try {
      return call.make();
    } finally {
      turn.end();
    }
  }

  private <T> T recovered(T answer, int attempts) {
    if (attempts > 1) {
      between.recovered();
    }
    return answer;
  }

  /** What comes first may be possible again at any moment, and others wait for the call. */
  private void makeFirst() throws InterruptedException {
    @Nullable Duration left = null;
    for (int failures = 1; ; failures++) {
      try {
        turn.begin();
        boolean unused = recovered(true, failures);
        return;
      } catch (EtlException e) {
        left = left == null ? backoff.total() : left;
        if (e.retry() != RetryDirective.TIMED || left.compareTo(Duration.ZERO) <= 0) {
          throw e;
        }
        Duration once = backoff.delay(1);
        Duration delay = once.compareTo(LONGEST_WAIT) < 0 ? once : LONGEST_WAIT;
        left = left.minus(delay);
        between.retrying(e, failures, delay);
        between.failed();
        if (!between.await(delay.toNanos())) {
          throw e;
        }
      }
    }
  }

  /** A store that only has to connect again is asked again at once. */
  private void awaitRetry(EtlException failure, int failures) throws InterruptedException {
    boolean ofTheStore = failure.kind() == ErrorKind.STORE_UNAVAILABLE;
    int counted = ofTheStore ? failures - 1 : failures;
    Backoff delays = ofTheStore ? backoff.connecting() : backoff;
    boolean again = failure.retry() == RetryDirective.TIMED && delays.allows(counted);
    Duration delay = delays.delay(counted);
    if (again) {
      between.retrying(failure, failures, delay);
    }
    between.failed();
    if (!again || !between.await(delay.toNanos())) {
      throw failure;
    }
  }
}
