package dev.pgetl.destination.http.transport;

import java.time.InstantSource;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Clocks and randomness, so that tests can control them.
 *
 * @param clock for time stamps
 * @param nanoTime for durations
 * @param random for jitter
 */
public record TimeSource(InstantSource clock, LongSupplier nanoTime, RandomGenerator random) {

  /**
   * {@return the real ones} {@link RandomGenerator#getDefault} is not used: its module, {@code
   * jdk.random}, is not in every Java runtime.
   */
  public static TimeSource system() {
    return new TimeSource(InstantSource.system(), System::nanoTime, new Random());
  }
}
