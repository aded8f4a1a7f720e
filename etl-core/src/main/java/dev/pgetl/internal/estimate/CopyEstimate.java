package dev.pgetl.internal.estimate;

import dev.pgetl.internal.estimate.Expectations.Expected;
import java.util.List;

/**
 * How much all copies of a pipeline are, and how long the rest of them takes.
 *
 * <p>What a table has on disk is known before it is copied, and how many rows it has once its copy
 * has begun. For tables that wait the planner's statistics count, unless they were wrong about the
 * others.
 *
 * @param tables how many tables there are
 * @param left how many of them are not copied yet
 * @param rows how many rows were copied
 * @param expectedRows how many rows all tables have
 * @param bytes bytes of the rows that were copied
 * @param expectedBytes bytes of all rows
 * @param seconds until all tables are copied; negative if nothing sensible can be said
 */
public record CopyEstimate(
    int tables,
    int left,
    long rows,
    long expectedRows,
    long bytes,
    long expectedBytes,
    double seconds) {
  private static final double NOT_KNOWN = -1;

  /** A part of the whole that need not be known. */
  private static final double LITTLE = 0.1;

  /**
   * Who copies.
   *
   * @param workers how many sync workers there are
   * @param tablesPerWorker how many small tables one of them takes
   * @param limit how many bytes all of them may read in a second; 0 for no limit
   */
  public record Means(int workers, int tablesPerWorker, long limit) {}

  /**
   * {@return an estimate}
   *
   * @param loads the tables
   * @param costs what copies have cost so far
   * @param means who copies
   */
  public static CopyEstimate of(List<TableLoad> loads, CopyCosts costs, Means means) {
    Expectations expectations = Expectations.of(loads);
    List<Expected> all = loads.stream().map(expectations::of).toList();
    List<Expected> left = all.stream().filter(table -> !table.load().isDone()).toList();
    return new CopyEstimate(
        all.size(),
        left.size(),
        loads.stream().mapToLong(TableLoad::rows).sum(),
        Math.round(all.stream().mapToDouble(Expected::rows).sum()),
        loads.stream().mapToLong(TableLoad::bytes).sum(),
        Math.round(all.stream().mapToDouble(Expected::bytes).sum()),
        seconds(left, costs.measured(means.limit()), means));
  }

  private static double seconds(List<Expected> left, MeasuredCosts measured, Means means) {
    double unlimited = unlimited(left, measured, means);
    if (means.limit() == 0 || (unlimited < 0 && !measured.isLimited())) {
      return unlimited;
    }
    double limited = left.stream().mapToDouble(Expected::bytesLeft).sum() / means.limit();
    return Math.max(limited, unlimited);
  }

  private static double unlimited(List<Expected> left, MeasuredCosts measured, Means means) {
    CopyModel model = measured.model();
    long small = left.stream().filter(table -> table.load().together()).count();
    boolean knowsAlone = measured.isEnough() || small == left.size();
    double seconds = Schedule.seconds(model, means, left);
    boolean knowsSmall =
        measured.knowsSmallTables() || small * model.perSmallTable() <= LITTLE * seconds;
    return knowsAlone && knowsSmall ? seconds : NOT_KNOWN;
  }
}
