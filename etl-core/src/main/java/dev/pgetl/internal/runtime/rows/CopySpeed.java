package dev.pgetl.internal.runtime.rows;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.internal.platform.Platform;
import java.time.Duration;
import java.util.concurrent.locks.Lock;

/**
 * How fast one sync worker copies a table that it has for itself: at first a guess, then what the
 * copies have needed that are complete. Thread-safe.
 */
public final class CopySpeed {
  /** The guess: 30 MiB a second. It weighs as much as a copy of ten seconds. */
  private static final double FIRST_BYTES_PER_SECOND = 30 << 20;

  private static final double FIRST_SECONDS = 10;

  /** What a smaller table needs is not the time of its rows. */
  private static final long LEAST_BYTES = 8 << 20;

  /** What is older counts half as much. */
  private static final double REMEMBERED_SECONDS = 1_000;

  private static final double NANOS_PER_SECOND = 1e9;

  private final Lock lock;

  @GuardedBy("lock")
  private double bytes = FIRST_BYTES_PER_SECOND * FIRST_SECONDS;

  @GuardedBy("lock")
  private double seconds = FIRST_SECONDS;

  /** Creates the speed before any copy. */
  public CopySpeed(Platform platform) {
    this.lock = platform.newLock();
  }

  /**
   * The copy of a table is complete.
   *
   * @param size how large the table is
   * @param nanos how long its rows took
   */
  public void copied(long size, long nanos) {
    if (size < LEAST_BYTES) {
      return;
    }
    lock.lock();
    try {
      bytes += size;
      seconds += nanos / NANOS_PER_SECOND;
      if (seconds > REMEMBERED_SECONDS) {
        bytes /= 2;
        seconds /= 2;
      }
    } finally {
      lock.unlock();
    }
  }

  /** {@return how much is copied in a time} */
  public long bytesIn(Duration time) {
    lock.lock();
    try {
      return Math.round(bytes / seconds * time.toMillis() / 1_000);
    } finally {
      lock.unlock();
    }
  }
}
