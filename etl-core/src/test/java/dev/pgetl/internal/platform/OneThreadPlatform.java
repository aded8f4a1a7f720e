package dev.pgetl.internal.platform;

import java.time.Instant;
import java.util.Date;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;

/**
 * The platform of a simulation in one thread: whoever waits moves the clock instead. Nobody else
 * runs meanwhile, so its locks have nothing to do. Owned by the thread of the test.
 */
public final class OneThreadPlatform implements Platform {
  private final RandomGenerator random = new SplittableRandom(1);
  private long now = Long.MAX_VALUE - 1; // a running clock may overflow

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public Instant instant() {
    return Instant.EPOCH;
  }

  @Override
  public Lock newLock() {
    return new FreeLock();
  }

  @Override
  public Thread newThread(Runnable body) {
    throw new UnsupportedOperationException("there is one thread");
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  /** Is always free. */
  private final class FreeLock implements Lock {
    @Override
    public void lock() {}

    @Override
    public void lockInterruptibly() {}

    @Override
    public boolean tryLock() {
      return true;
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) {
      return true;
    }

    @Override
    public void unlock() {}

    @Override
    public Condition newCondition() {
      return new PassingTime();
    }
  }

  /** Nothing happens in time. */
  private final class PassingTime implements Condition {
    @Override
    public long awaitNanos(long nanos) {
      now += nanos;
      return 0;
    }

    @Override
    public boolean await(long time, TimeUnit unit) {
      now += unit.toNanos(time);
      return false;
    }

    @Override
    public void await() {
      throw new IllegalStateException("waits forever");
    }

    @Override
    public void awaitUninterruptibly() {
      throw new IllegalStateException("waits forever");
    }

    @Override
    public boolean awaitUntil(Date deadline) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void signal() {}

    @Override
    public void signalAll() {}
  }
}
