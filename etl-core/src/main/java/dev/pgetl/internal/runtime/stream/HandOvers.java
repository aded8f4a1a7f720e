package dev.pgetl.internal.runtime.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;

/**
 * The agreements by which sync workers hand tables over to the apply worker. None is made while the
 * apply worker connects: the server may have been promoted, and only what was agreed before is
 * compared with its history. Thread-safe.
 */
public final class HandOvers {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final StreamProgress progress;
  private final Lock lock;
  private final Condition resumed;

  @GuardedBy("lock")
  private boolean paused;

  /**
   * Creates the agreements with one apply worker.
   *
   * @param progress its position, and the timeline of it
   */
  public HandOvers(StreamProgress progress, Platform platform) {
    this.progress = progress;
    this.lock = platform.newLock();
    this.resumed = lock.newCondition();
  }

  /** The apply worker is about to connect: every agreement either is made or waits. */
  public void pause() {
    lock.lock();
    try {
      paused = true;
    } finally {
      lock.unlock();
    }
  }

  /** The apply worker is connected, and its progress has the timeline it reads. */
  public void resume() {
    lock.lock();
    try {
      paused = false;
      resumed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** See {@link ApplyProgress#agree}. */
  public boolean agree(int timeline, BooleanSupplier agreement, BooleanSupplier stopped)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!stopped.getAsBoolean()) {
        if (!paused) {
          requireSame(timeline);
          return agreement.getAsBoolean();
        }
        long unused = resumed.awaitNanos(TICK_NANOS);
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void requireSame(int timeline) {
    int own = progress.remembered().lineage().timeline();
    if (own != timeline) {
      throw new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE,
          "handing over to the apply worker failed: the sync worker has read timeline "
              + timeline
              + " of the server, the apply worker reads timeline "
              + own);
    }
  }
}
