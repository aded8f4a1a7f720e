package dev.pgetl.internal.estimate;

import java.util.List;

/**
 * What copies have cost up to a moment.
 *
 * @param all what rows have cost, those of similar widths beside as many workers together
 * @param recent the same of the rows that were copied last
 * @param perTable seconds for a table that has a worker for itself, besides its rows
 * @param perSmallTable seconds for a table that shares a worker
 * @param knowsSmallTables whether any was copied so
 * @param isLimited whether nothing but a limit holds copies up
 */
record MeasuredCosts(
    List<Spent> all,
    List<Spent> recent,
    double perTable,
    double perSmallTable,
    boolean knowsSmallTables,
    boolean isLimited) {
  private static final int STEPS = 10;

  /**
   * While no rows of another width were copied, half of a row's time is that of its bytes; while no
   * other number of workers was at work, two hold each other up halfway.
   */
  private static final double UNTIL_KNOWN = 0.5;

  /** How much better another assumption has to explain what was measured. */
  private static final double PATIENCE = 0.002;

  /** Time of workers; with less nothing sensible can be said. */
  private static final double LEAST_SECONDS = 2;

  MeasuredCosts {
    all = List.copyOf(all);
    recent = List.copyOf(recent);
  }

  boolean isEnough() {
    return sum(recent).seconds() >= LEAST_SECONDS;
  }

  private static Spent sum(List<Spent> parts) {
    return parts.stream().reduce(Spent.NOTHING, Spent::plus);
  }

  /** {@return the model that explains best what was measured, at the pace of the last rows} */
  CopyModel model() {
    Spent whole = sum(all);
    double width = Math.max(1, whole.width());
    CopyModel best = model(UNTIL_KNOWN, UNTIL_KNOWN, width);
    double least = Double.MAX_VALUE;
    for (int ofBytes = 0; ofBytes <= STEPS; ofBytes++) {
      double bytesShare = (double) ofBytes / STEPS;
      double[] alone = logErrors(model(bytesShare, 0, width));
      for (int ofWorkers = 0; ofWorkers <= STEPS; ofWorkers++) {
        double shared = (double) ofWorkers / STEPS;
        double doubt = square(bytesShare - UNTIL_KNOWN) + square(shared - UNTIL_KNOWN);
        double error = variance(alone, shared) + PATIENCE * doubt;
        if (error < least) {
          least = error;
          best = model(bytesShare, shared, width);
        }
      }
    }
    double expected = recent.stream().mapToDouble(best::expected).sum();
    return best.times(expected == 0 ? 0 : sum(recent).seconds() / expected);
  }

  private CopyModel model(double bytesShare, double shared, double width) {
    return new CopyModel(1 - bytesShare, bytesShare / width, shared, perTable, perSmallTable);
  }

  /** {@return how many times too long rows of each kind have taken, as logarithms} */
  private double[] logErrors(CopyModel model) {
    return all.stream()
        .mapToDouble(one -> Math.log(one.seconds() / model.seconds(one.rows(), one.bytes())))
        .toArray();
  }

  /**
   * {@return how differently a model is wrong about rows of different kinds; 0 if it is right}
   *
   * @param alone its errors if workers do not hold each other up
   * @param shared how much they do
   */
  private double variance(double[] alone, double shared) {
    double weights = 0;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < alone.length; i++) {
      Spent one = all.get(i);
      double error = alone[i] - shared * Math.log(one.workers());
      weights += one.seconds();
      sum += one.seconds() * error;
      squares += one.seconds() * error * error;
    }
    return weights == 0 ? 0 : squares / weights - square(sum / weights);
  }

  private static double square(double value) {
    return value * value;
  }
}
