package dev.pgetl.internal.deliver;

import java.time.Duration;

/**
 * How often durable positions are stored: at once while there is little to do, and under load only
 * so often that it takes a small share of the time, whatever a call of the store costs. Owned by
 * the delivery's thread. Times are in nanoseconds.
 */
final class PositionPace {
  /** Storing takes one part in so many of the time. */
  private static final int SHARE = 150;

  /** What may be saved up in quiet times. */
  private static final long MOST_CREDIT = Duration.ofMillis(5).toNanos();

  /** What a slow call leaves behind at most: no position waits longer than 150 ms. */
  private static final long MOST_DEBT = Duration.ofMillis(1).toNanos();

  private long credit = MOST_CREDIT;
  private long countedAt;

  PositionPace(long now) {
    countedAt = now;
  }

  /** {@return how long a position has to wait; 0 or less if it may be stored now} */
  long untilAllowed(long now) {
    return -credit(now) * SHARE;
  }

  /** A position was stored. */
  void spent(long nanos, long now) {
    credit = Math.max(credit(now) - nanos, -MOST_DEBT);
    countedAt = now;
  }

  private long credit(long now) {
    return Math.min(MOST_CREDIT, credit + (now - countedAt) / SHARE);
  }
}
