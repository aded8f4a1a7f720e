package dev.pgetl.destination.http.transport;

import java.time.Duration;
import java.util.Set;

/**
 * Which answers are tried again, how often and after what wait.
 *
 * @param maxAttempts most attempts, the first included
 * @param firstDelay wait before the second attempt, doubled for each further one
 * @param maxDelay longest wait; a longer one the receiver asks for ends the attempts
 * @param jitter up to which share of itself a wait is made longer by chance
 * @param statuses the answers that are tried again
 */
public record RetryRules(
    int maxAttempts, Duration firstDelay, Duration maxDelay, double jitter, Set<Integer> statuses) {

  public RetryRules {
    statuses = Set.copyOf(statuses);
  }

  /** {@return the wait before the next attempt, without what the receiver asks for} */
  Duration delayAfter(int attempt, double random) {
    double growth = Math.scalb(1.0, attempt - 1) * (1 + jitter * random);
    double nanos = Math.min((double) firstDelay.toNanos() * growth, (double) maxDelay.toNanos());
    return Duration.ofNanos((long) nanos);
  }
}
