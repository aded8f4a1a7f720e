package dev.pgetl.benchmarks.measure;

import java.util.List;

/**
 * The median of a sample, and an interval that contains the median of the population with a
 * confidence of at least 95 %, however its values are distributed.
 *
 * @param value the median
 * @param low where the interval begins; fewer than six values give no interval: minus infinity
 * @param high where the interval ends; infinity for fewer than six values
 */
record Median(double value, double low, double high) {
  private static final double ONE_SIDE = 0.025;

  /** {@return the median of at least one value} */
  static Median of(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int count = sorted.size();
    double value = (sorted.get((count - 1) / 2) + sorted.get(count / 2)) / 2;
    int rank = rank(count);
    return rank == 0
        ? new Median(value, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
        : new Median(value, sorted.get(rank - 1), sorted.get(count - rank));
  }

  /**
   * {@return the rank, counted from 1, of the value at which the interval begins; it ends as far
   * from the other side; 0 if there are too few values}
   */
  static int rank(int count) {
    // The number of values below the median of the population has a binomial distribution.
    double exactly = Math.pow(0.5, count);
    double atMost = exactly;
    int rank = 0;
    while (atMost <= ONE_SIDE) {
      rank++;
      exactly *= (count - rank + 1.0) / rank;
      atMost += exactly;
    }
    return rank;
  }
}
