package dev.pgetl.internal.deliver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds back the calls of a destination while their pipeline is paused, and counts those in
 * progress. As a clock it stops while the pipeline is paused: what takes long for that reason alone
 * is not slow. Thread-safe.
 */
public final class CallGate implements Ticker {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Platform platform;
  private final Lock lock;
  private final Condition changed;

  @GuardedBy("lock")
  private int calls;

  @GuardedBy("lock")
  private @Nullable Instant pausedSince;

  @GuardedBy("lock")
  private boolean ended;

  /** The time at which the clock stopped, or how far it is behind while it runs. */
  @GuardedBy("lock")
  private long offset;

  /**
   * Creates an open gate.
   *
   * @param platform whose threads make calls
   */
  public CallGate(Platform platform) {
    this.platform = platform;
    this.lock = platform.newLock();
    this.changed = lock.newCondition();
  }

  // ---- for those who pause the pipeline ----

  /** No call begins from now on; {@code false} if it is so already. */
  public boolean pause() {
    lock.lock();
    try {
      if (pausedSince != null) {
        return false;
      }
      offset = platform.nanos() - offset;
      pausedSince = platform.instant();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Calls begin again; {@code false} if they were not held back. */
  public boolean resume() {
    lock.lock();
    try {
      if (pausedSince == null) {
        return false;
      }
      offset = platform.nanos() - offset;
      pausedSince = null;
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** {@return since when calls are held back; null if they are not} */
  public @Nullable Instant pausedSince() {
    lock.lock();
    try {
      return pausedSince;
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether calls are held back, and none was in progress in time} */
  public boolean awaitPaused(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (pausedSince != null && !ended && calls > 0 && left > 0) {
        left = changed.awaitNanos(left);
      }
      return pausedSince != null && calls == 0;
    } finally {
      lock.unlock();
    }
  }

  /** The pipeline ends: what is held back is not done any more. */
  public void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- for those who call ----

  /**
   * {@return what surrounds each attempt of a call}
   *
   * @param owned has to succeed before it, right after the wait
   * @param stopped whether the caller does not wait any longer; asked ten times a second
   */
  public Attempts.Turn turn(Attempts.Action owned, BooleanSupplier stopped) {
    return new Attempts.Turn() {
      @Override
      public void begin() throws InterruptedException {
        beginCall(stopped);
        boolean begun = false;
        try {
          owned.make();
          begun = true;
        } finally {
          if (!begun) {
            end();
          }
        }
      }

      @Override
      public void end() {
        endCall();
      }
    };
  }

  private void beginCall(BooleanSupplier stopped) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (pausedSince != null) {
        if (ended || stopped.getAsBoolean()) {
          throw new InterruptedException("stopped while the pipeline was paused");
        }
        long unused = changed.awaitNanos(TICK_NANOS);
      }
      calls++;
    } finally {
      lock.unlock();
    }
  }

  private void endCall() {
    lock.lock();
    try {
      calls--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** {@return the time now; it stops while the pipeline is paused} */
  @Override
  public long nanos() {
    lock.lock();
    try {
      return pausedSince == null ? platform.nanos() - offset : offset;
    } finally {
      lock.unlock();
    }
  }
}
