package dev.pgetl.internal.deliver;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

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
  private static final Duration QUICK = Duration.ofMillis(250);

  /** More retries than anybody counts. */
  private static final int MANY = 1_000;

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
   * @param failures how often it failed in a row; with none there is nothing to wait for
   */
  public Duration delay(int failures) {
    if (failures == 0) {
      return Duration.ZERO;
    }
    Duration full = full(failures);
    long spread = full.toNanos() / 4;
    return spread == 0 ? full : full.plusNanos(random.nextLong(spread));
  }

  private Duration full(int failures) {
    return first.multipliedBy(1L << Math.min(MAX_DOUBLINGS, failures - 1));
  }

  /**
   * {@return short delays, for as long in all} For connecting again, which costs little and may be
   * possible soon.
   */
  public Backoff connecting() {
    if (first.compareTo(QUICK) <= 0) {
      return this;
    }
    Backoff quick = new Backoff(QUICK, Integer.MAX_VALUE, random);
    return maxAttempts > MANY ? quick : new Backoff(QUICK, quick.attemptsIn(total()), random);
  }

  /** {@return how long all retries take together} */
  Duration total() {
    if (maxAttempts > MANY) {
      return Duration.ofSeconds(Long.MAX_VALUE);
    }
    return IntStream.rangeClosed(1, maxAttempts)
        .mapToObj(this::full)
        .reduce(Duration.ZERO, Duration::plus);
  }

  private int attemptsIn(Duration time) {
    int attempts = 0;
    for (Duration left = time;
        left.compareTo(Duration.ZERO) > 0;
        left = left.minus(full(attempts))) {
      attempts++;
    }
    return attempts;
  }

  /** {@return no retry at all} */
  public Backoff none() {
    return new Backoff(first, 0, random);
  }

  /** {@return the same delays, without a limit to the retries} */
  public Backoff unlimited() {
    return new Backoff(first, Integer.MAX_VALUE, random);
  }
}
