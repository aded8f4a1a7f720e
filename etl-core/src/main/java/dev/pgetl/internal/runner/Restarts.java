package dev.pgetl.internal.runner;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a pipeline that has failed is started again: what passes by itself soon, then after delays
 * that double; what needs manual intervention at the longest delay, to notice that it was fixed;
 * what contradicts its own settings never. Each delay is spread by up to a quarter. Immutable.
 *
 * @param first the delay after the first failure
 * @param longest the longest delay
 * @param random spreads the delays
 */
public record Restarts(Duration first, Duration longest, RandomGenerator random) {
  private static final int MAX_DOUBLINGS = 30;

  public Restarts {
    Objects.requireNonNull(random, "random");
    if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "restart delays: the first is above 0 and at most the longest, not %s and %s"
              .formatted(first, longest));
    }
  }

  /**
   * {@return whether a failure stays until its cause is fixed}
   *
   * @param failure why the pipeline ended
   */
  public static boolean needsManualIntervention(EtlException failure) {
    // The other process ends, or this one stays idle for as long as it does not.
    return failure.retry() != RetryDirective.TIMED && failure.kind() != ErrorKind.STORE_LOCKED;
  }

  /**
   * {@return the delay before the next start; empty if there is none}
   *
   * @param failure why the pipeline ended
   * @param failures how often in a row, from 1
   */
  public Optional<Duration> delay(EtlException failure, int failures) {
    if (failure.retry() == RetryDirective.NONE) {
      return Optional.empty();
    }
    Duration full = needsManualIntervention(failure) ? longest : doubled(failures);
    return Optional.of(full.plusNanos(random.nextLong(full.toNanos() / 4 + 1)));
  }

  private Duration doubled(int failures) {
    Duration full = first;
    for (int i = Math.min(MAX_DOUBLINGS, failures); i > 1 && full.compareTo(longest) < 0; i--) {
      full = full.multipliedBy(2);
    }
    return full.compareTo(longest) < 0 ? full : longest;
  }
}
