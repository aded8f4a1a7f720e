package dev.pgetl.internal.platform;

import dev.pgetl.internal.platform.Movement.Doing;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A reentrant lock whose waits are known to the {@link Movement} of the thread that waits. A lock
 * that is free costs no more than without. Thread-safe.
 */
public final class WatchedLock implements Lock {
  private final Lock lock = new ReentrantLock();

  /** Creates a free lock. */
  public WatchedLock() {}

  @Override
  public void lock() {
    if (!lock.tryLock()) {
      Doing before = Movement.begin(Doing.AWAITS_LOCK);
      lock.lock();
      Movement.end(before);
    }
  }

  @Override
  public void lockInterruptibly() throws InterruptedException {
    if (Thread.currentThread().isInterrupted() || !lock.tryLock()) {
      Doing before = Movement.begin(Doing.AWAITS_LOCK);
      try {
        lock.lockInterruptibly();
      } finally {
        Movement.end(before);
      }
    }
  }

  @Override
  public boolean tryLock() {
    return lock.tryLock();
  }

  @Override
  public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
    Doing before = Movement.begin(Doing.AWAITS_LOCK);
    try {
      return lock.tryLock(time, unit);
    } finally {
      Movement.end(before);
    }
  }

  @Override
  public void unlock() {
    lock.unlock();
  }

  @Override
  public Condition newCondition() {
    return new WatchedCondition(lock.newCondition());
  }

  @SuppressWarnings("WaitNotInLoop") // whoever waits has the loop
  private static final class WatchedCondition implements Condition {
    private final Condition condition;

    WatchedCondition(Condition condition) {
      this.condition = condition;
    }

    @Override
    public void await() throws InterruptedException {
      Doing before = Movement.begin(Doing.AWAITS_WORK);
      try {
        condition.await();
      } finally {
        Movement.end(before);
      }
    }

    @Override
    public void awaitUninterruptibly() {
      Doing before = Movement.begin(Doing.AWAITS_WORK);
      condition.awaitUninterruptibly();
      Movement.end(before);
    }

    @Override
    public long awaitNanos(long nanos) throws InterruptedException {
      Doing before = Movement.begin(Doing.AWAITS_WORK);
      try {
        return condition.awaitNanos(nanos);
      } finally {
        Movement.end(before);
      }
    }

    @Override
    public boolean await(long time, TimeUnit unit) throws InterruptedException {
      Doing before = Movement.begin(Doing.AWAITS_WORK);
      try {
        return condition.await(time, unit);
      } finally {
        Movement.end(before);
      }
    }

    @Override
    public boolean awaitUntil(Date deadline) throws InterruptedException {
      Doing before = Movement.begin(Doing.AWAITS_WORK);
      try {
        return condition.awaitUntil(deadline);
      } finally {
        Movement.end(before);
      }
    }

    @Override
    public void signal() {
      condition.signal();
    }

    @Override
    public void signalAll() {
      condition.signalAll();
    }
  }
}
