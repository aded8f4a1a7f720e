package dev.pgetl.internal.platform;

/**
 * A clock in nanoseconds that only goes forward, for measuring how long something takes. Its zero
 * has no meaning, as with {@link System#nanoTime}. Thread-safe.
 */
@FunctionalInterface
public interface Ticker {
  /** {@return the time now, in nanoseconds} */
  long nanos();
}
