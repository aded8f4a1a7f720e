package dev.pgetl.internal.deliver;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a retry: doubling, at most 32 times the first delay, spread by up to a
 * quarter so that many do not come back together. Thread-safe as far as the generator is.
 *
 * @param first the delay before the first retry
 * @param maxAttempts retries in a row
 * @param random spreads the delays
 */
public record Backoff(Duration first, int maxAttempts, RandomGenerator random) {
  private static final int MAX_DOUBLINGS = 5;

  /**
   * {@return whether there is another retry}
   *
   * @param failures how often it failed in a row
   */
  public boolean allows(int failures) {
    return failures <= maxAttempts;
  }

  /**
   * {@return the delay before the next retry}
   *
   * @param failures how often it failed in a row, from 1
   */
  public Duration delay(int failures) {
    Duration full = first.multipliedBy(1L << Math.min(MAX_DOUBLINGS, failures - 1));
    long spread = full.toNanos() / 4;
    return spread == 0 ? full : full.plusNanos(random.nextLong(spread));
  }

  /** {@return the same delays, without a limit to the retries} */
  public Backoff unlimited() {
    return new Backoff(first, Integer.MAX_VALUE, random);
  }
}
