package dev.pgetl.internal.verify;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;

/**
 * The speed of a comparison, and its waits. Any thread may call {@link #end}; the others are one
 * thread's.
 */
public final class Pace {
  private static final long SHORTEST = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(100);

  private final Ticker ticker;
  private final Lock lock;
  private final Condition ending;
  private final long nanosPerRow;

  @GuardedBy("lock")
  private boolean ended;

  private volatile long free;

  /**
   * Creates it.
   *
   * @param platform time and locks
   * @param rowsPerSecond the limit; 0 for none
   */
  public Pace(Platform platform, long rowsPerSecond) {
    ticker = platform;
    lock = platform.newLock();
    ending = lock.newCondition();
    nanosPerRow = rowsPerSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / rowsPerSecond;
    free = platform.nanos();
  }

  /** Waits as long as the limit says after rows were read. */
  void took(long rows) throws InterruptedException {
    long now = ticker.nanos();
    long ahead = Math.max(free - now, -LONGEST) + rows * nanosPerRow;
    free = now + ahead;
    pause(ahead);
  }

  /**
   * Waits until something is true, and looks about ten times a second.
   *
   * @return whether it came true in time
   * @throws InterruptedException if the thread was interrupted, or the comparison was closed
   */
  public boolean until(BooleanSupplier condition, Duration limit) throws InterruptedException {
    long deadline = ticker.nanos() + Ticker.nanos(limit);
    long wait = SHORTEST;
    while (!condition.getAsBoolean()) {
      if (deadline - ticker.nanos() <= 0) {
        return false;
      }
      pause(wait);
      wait = Math.min(2 * wait, LONGEST);
    }
    return true;
  }

  /** Waits a moment, longer from round to round. */
  void between(int round) throws InterruptedException {
    pause(round * LONGEST);
  }

  /**
   * Waits.
   *
   * @throws InterruptedException if the thread was interrupted, or the comparison is to end
   */
  private void pause(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (left > 0 && !ended) {
        left = ending.awaitNanos(left);
      }
      if (ended) {
        throw new InterruptedException("the comparison was closed");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends a wait, and all later ones. */
  public void end() {
    lock.lock();
    try {
      ended = true;
      ending.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
