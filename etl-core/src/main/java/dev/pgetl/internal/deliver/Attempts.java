package dev.pgetl.internal.deliver;

import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.time.Duration;

/**
 * Makes a call of an extension again, with growing delay, for as long as its failures are temporary
 * and the attempts last. As thread-safe as its {@link Pause}.
 */
public final class Attempts {
  /** What happens between two attempts. */
  public interface Pause {
    /**
     * The call is going to be made again.
     *
     * @param failure why
     * @param attempt how many times in a row it failed, from 1
     * @param delay when
     */
    void retrying(EtlException failure, int attempt, Duration delay);

    /** The call has failed; comes before the wait, and before the failure is thrown. */
    default void failed() throws InterruptedException {}

    /**
     * {@return whether the time has passed; if not, nobody wants the call any more}
     *
     * @param nanos how long to wait
     */
    boolean await(long nanos) throws InterruptedException;
  }

  private final Backoff backoff;
  private final Pause pause;

  /**
   * Creates the loop.
   *
   * @param backoff delays, and how many there are
   * @param pause what happens between attempts
   */
  public Attempts(Backoff backoff, Pause pause) {
    this.backoff = backoff;
    this.pause = pause;
  }

  /**
   * Makes a call.
   *
   * @param what what is being done, for the message of a failure
   * @param call the call
   * @return what it answered
   * @throws EtlException the last failure; one that needs a person if the attempts are used up
   */
  public WriteResult make(String what, DestinationCall call) throws InterruptedException {
    for (int failures = 1; ; failures++) {
      try {
        return call.run(what);
      } catch (EtlException e) {
        boolean timed = e.retry() == RetryDirective.TIMED;
        boolean again = timed && backoff.allows(failures);
        Duration delay = backoff.delay(failures);
        if (again) {
          pause.retrying(e, failures, delay);
        }
        pause.failed();
        if (!again) {
          throw timed ? e.withRetry(RetryDirective.MANUAL) : e;
        }
        if (!pause.await(delay.toNanos())) {
          throw e;
        }
      }
    }
  }
}
