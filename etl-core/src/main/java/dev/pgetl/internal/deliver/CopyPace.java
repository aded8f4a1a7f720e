package dev.pgetl.internal.deliver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.internal.platform.Platform;
import java.util.concurrent.locks.Lock;
import java.util.function.LongSupplier;

/**
 * Keeps all copies of a pipeline together at a rate that may change: says how long to wait after
 * some bytes were read. Thread-safe.
 */
public final class CopyPace {
  private static final double NANOS_PER_SECOND = 1e9;

  /** What may be read at once, as a part of what is allowed in a second. */
  private static final double BURST = 0.1;

  private final LongSupplier bytesPerSecond;
  private final Platform platform;
  private final Lock lock;

  /** Bytes that were read too early. */
  @GuardedBy("lock")
  private double debt;

  @GuardedBy("lock")
  private long since;

  /**
   * Creates a pace.
   *
   * @param bytesPerSecond the rate, asked each time; 0 for no limit
   */
  public CopyPace(LongSupplier bytesPerSecond, Platform platform) {
    this.bytesPerSecond = bytesPerSecond;
    this.platform = platform;
    this.lock = platform.newLock();
  }

  /** {@return how many bytes may be read in a second; 0 for no limit} */
  public long limit() {
    return bytesPerSecond.getAsLong();
  }

  /**
   * {@return how many nanoseconds to wait before reading on; 0 if not at all}
   *
   * @param bytes how many were read since the last call; 0 to ask again
   */
  public long take(long bytes) {
    long rate = limit();
    if (rate == 0) {
      return 0;
    }
    lock.lock();
    try {
      long now = platform.nanos();
      debt = Math.max(0, debt - (now - since) / NANOS_PER_SECOND * rate) + bytes;
      since = now;
      double tooMuch = debt - rate * BURST;
      return (long) Math.ceil(Math.max(0, tooMuch) / rate * NANOS_PER_SECOND);
    } finally {
      lock.unlock();
    }
  }
}
