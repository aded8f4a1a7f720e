package dev.pgetl.benchmarks.measure;

import java.util.Arrays;

/** How long things took. Thread-safe. */
public final class Latencies {
  private final Object lock = new Object();
  private long[] micros = new long[1 << 12];
  private int count;

  /** Adds one. */
  public void add(long latencyMicros) {
    synchronized (lock) {
      if (count == micros.length) {
        micros = Arrays.copyOf(micros, 2 * count);
      }
      micros[count++] = latencyMicros;
    }
  }

  /** Forgets all. */
  public void clear() {
    synchronized (lock) {
      count = 0;
    }
  }

  /** {@return how many there are} */
  public int count() {
    synchronized (lock) {
      return count;
    }
  }

  /**
   * {@return the latency in milliseconds that the given share of all did not exceed; not a number
   * if there are none}
   *
   * @param share from 0 to 1
   */
  public double millis(double share) {
    long[] sorted;
    synchronized (lock) {
      sorted = Arrays.copyOf(micros, count);
    }
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted.length == 0 ? Double.NaN : sorted[Math.max(0, rank - 1)] / 1e3;
  }
}
