package dev.pgetl.internal.platform;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * Wakes threads that wait for something to change. Each waiter reads the {@link #count}, looks at
 * what it waits for, and waits until the count has moved on: so no change is missed, whatever lock
 * or volatile field the change was made under. Thread-safe.
 */
public final class Signal {
  private final Lock lock;
  private final Condition raised;

  @GuardedBy("lock")
  private long count;

  /**
   * Creates a signal.
   *
   * @param platform whose threads will wait
   */
  public Signal(Platform platform) {
    lock = platform.newLock();
    raised = lock.newCondition();
  }

  /** {@return how often it was raised} */
  public long count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes all waiters. */
  public void raise() {
    lock.lock();
    try {
      count++;
      raised.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until it is raised again.
   *
   * @param seen the count before the caller looked
   * @param nanos how long to wait at most
   */
  public void await(long seen, long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (count == seen && left > 0) {
        left = raised.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
