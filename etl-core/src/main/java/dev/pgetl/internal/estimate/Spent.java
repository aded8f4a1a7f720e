package dev.pgetl.internal.estimate;

/**
 * What some rows have cost.
 *
 * @param rows how many
 * @param bytes their bytes as the server sent them
 * @param seconds how long their worker needed
 * @param workers how many workers copied meanwhile: their logarithm, times the seconds
 */
public record Spent(double rows, double bytes, double seconds, double workers) {
  /** No row yet. */
  public static final Spent NOTHING = new Spent(0, 0, 0, 0);

  static Spent beside(int workers, double rows, double bytes, double seconds) {
    return new Spent(rows, bytes, seconds, Math.log(workers) * seconds);
  }

  /** {@return both together} */
  public Spent plus(Spent more) {
    return new Spent(
        rows + more.rows, bytes + more.bytes, seconds + more.seconds, workers + more.workers);
  }

  Spent half() {
    return new Spent(rows / 2, bytes / 2, seconds / 2, workers / 2);
  }

  /** {@return the logarithm of how many workers copied meanwhile} */
  double logWorkers() {
    return seconds == 0 ? 0 : workers / seconds;
  }
}
