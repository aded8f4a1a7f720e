package dev.pgetl.destination.http.transport;

import java.time.Duration;
import java.util.Set;

/**
 * Which answers are retried, how often and after what delay.
 *
 * @param maxAttempts most attempts, the first included
 * @param firstDelay delay before the second attempt, doubled for each further one
 * @param maxDelay longest delay; the attempts end if the receiver asks for a longer one
 * @param jitter the maximum jitter as a fraction of the delay
 * @param statuses the answers that are retried
 */
public record RetryRules(
    int maxAttempts, Duration firstDelay, Duration maxDelay, double jitter, Set<Integer> statuses) {

  public RetryRules {
    statuses = Set.copyOf(statuses);
  }

  /** {@return the delay before the next attempt, without {@code Retry-After}} */
  Duration delayAfter(int attempt, double random) {
    double growth = Math.scalb(1.0, attempt - 1) * (1 + jitter * random);
    double nanos = Math.min((double) firstDelay.toNanos() * growth, (double) maxDelay.toNanos());
    return Duration.ofNanos((long) nanos);
  }
}
