package dev.pgetl.internal.platform;

import java.time.Duration;

/**
 * A clock in nanoseconds that only goes forward, for measuring how long something takes. Its zero
 * has no meaning, as with {@link System#nanoTime}. Thread-safe.
 */
@FunctionalInterface
public interface Ticker {
  /** Longer than anybody waits, and short enough to be added to a time. */
  long FOREVER = Long.MAX_VALUE / 4;

  /** {@return the time now, in nanoseconds} */
  long nanos();

  /** {@return a time to wait in nanoseconds, however long it is} */
  static long nanos(Duration limit) {
    return limit.compareTo(Duration.ofNanos(FOREVER)) < 0 ? limit.toNanos() : FOREVER;
  }
}
