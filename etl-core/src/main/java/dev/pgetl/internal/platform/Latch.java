package dev.pgetl.internal.platform;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** Opens once and stays open; threads wait for that. Thread-safe. */
public final class Latch {
  private final Lock lock;
  private final Condition opened;
  private volatile boolean open;

  /**
   * Creates a closed latch.
   *
   * @param platform whose threads will wait
   */
  public Latch(Platform platform) {
    lock = platform.newLock();
    opened = lock.newCondition();
  }

  /** Opens the latch, if it is not open yet. */
  public void open() {
    lock.lock();
    try {
      open = true;
      opened.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether it is open} */
  public boolean isOpen() {
    return open;
  }

  /**
   * {@return whether it opened in time}
   *
   * @param nanos how long to wait at most
   */
  public boolean await(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (!open && left > 0) {
        left = opened.awaitNanos(left);
      }
      return open;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it is open, also while the thread is interrupted; the interruption is kept. */
  public void awaitUninterruptibly() {
    lock.lock();
    try {
      while (!open) {
        opened.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
