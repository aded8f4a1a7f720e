package dev.pgetl.internal.estimate;

import static dev.pgetl.internal.estimate.Numbers.between;
import static dev.pgetl.internal.estimate.Numbers.factor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tables at random, and what copying them costs. How long the whole takes is chosen; whether that
 * is because of rows, bytes or both, and how workers hold each other up, is chance.
 */
final class GeneratedCopy {
  /** What is special about the tables, or about how they are copied. */
  enum Kind {
    ONE_TABLE,
    ONE_TABLE_WITH_WRONG_STATISTICS,
    TABLES_OF_EQUAL_WIDTH,
    TABLES_OF_ANY_WIDTH,
    WITHOUT_STATISTICS,
    WITH_WRONG_STATISTICS,
    WITH_SMALL_TABLES,
    LIMITED,
    LIMIT_SET,
    LIMIT_LOWERED,
    LIMIT_LIFTED,
    RESUMED,
    FILTERED,
    SHRUNK,
    ONE_TABLE_OUTLASTS_THE_OTHERS;

    boolean isOneTable() {
      return this == ONE_TABLE || this == ONE_TABLE_WITH_WRONG_STATISTICS;
    }

    boolean changesLimit() {
      return this == LIMIT_SET || this == LIMIT_LOWERED || this == LIMIT_LIFTED;
    }
  }

  private static final int BATCHES = 3_000;

  final Kind kind;
  final SplittableRandom random;
  final List<CopiedTable> tables = new ArrayList<>();
  final int workers;

  /** How workers hold each other up: 0 if they do not, 1 if one is as fast as all. */
  final double shared;

  /** Bytes that are sent for each on disk, on average. */
  private final double sentPerByte;

  final double secondsPerTable;
  final double secondsPerSmallTable;
  double secondsPerRow;
  double secondsPerByte;

  GeneratedCopy(Kind kind, long seed) {
    this.kind = kind;
    random = new SplittableRandom(seed);
    workers = 1 + random.nextInt(8);
    shared = random.nextInt(3) / 2.0;
    sentPerByte = between(0.5, 2, random);
    secondsPerTable = between(0.05, 1, random);
    secondsPerSmallTable = between(0.005, 0.05, random);
    double width = between(40, 2_000, random);
    if (!kind.isOneTable()) {
      addSeveral(width);
    }
    if (kind.isOneTable() || kind == Kind.ONE_TABLE_OUTLASTS_THE_OTHERS) {
      double others = tables.stream().mapToDouble(CopiedTable::bytes).sum();
      tables.add(table(others == 0 ? 1e11 : others * between(0.5, 4, random), width));
    }
    if (kind == Kind.WITH_SMALL_TABLES) {
      addSmall(200 + random.nextInt(2_000));
    }
    change();
    setPace();
  }

  // ---- tables ----

  /** Few are large, many are not, and none takes as long as all others. */
  private void addSeveral(double width) {
    int count = 20 + random.nextInt(60);
    double steepness = 0.5 + random.nextDouble();
    boolean anyWidth = kind == Kind.TABLES_OF_ANY_WIDTH || kind == Kind.LIMITED;
    List<Double> sizes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sizes.add(Math.min(1e11, 2e7 * Math.pow(1 - random.nextDouble(), -1 / steepness)));
    }
    double most = sizes.stream().mapToDouble(size -> size).sum() / Math.max(2, workers) / 2;
    for (double size : sizes) {
      double own = anyWidth ? factor(Math.log(10), random) : factor(0.2, random);
      tables.add(table(Math.min(most, size), Math.min(1e5, Math.max(20, width * own))));
    }
  }

  /** Rows are wider at the end of the table, at its beginning, or here and there. */
  private CopiedTable table(double bytes, double width) {
    double ratio = between(1, 5, random);
    int trend = random.nextInt(3) - 1;
    double[] widths = new double[32];
    for (int part = 0; part < widths.length; part++) {
      double place = (part + 0.5) / widths.length - 0.5;
      double change =
          trend == 0 ? factor(Math.log(ratio) / 3, random) : Math.pow(ratio, trend * place);
      widths[part] = Math.max(10, width * change);
    }
    CopiedTable table = new CopiedTable(bytes, bytes / sentPerByte / factor(0.15, random), widths);
    table.planned = Math.round(table.planned * factor(0.1, random));
    return table;
  }

  private void addSmall(int count) {
    for (int i = 0; i < count; i++) {
      double bytes = 1_000 + random.nextDouble() * 1e6;
      CopiedTable table = new CopiedTable(bytes, bytes, new double[] {100});
      table.small = true;
      tables.add(table);
    }
  }

  /** What is known of tables is changed, or some of it was copied before. */
  private void change() {
    for (CopiedTable table : tables) {
      boolean some = random.nextInt(3) == 0;
      switch (kind) {
        case WITHOUT_STATISTICS -> table.planned = -1;
        case WITH_WRONG_STATISTICS, ONE_TABLE_WITH_WRONG_STATISTICS ->
            table.planned = random.nextBoolean() ? table.planned * 10 : table.planned / 10;
        case RESUMED -> table.before = some ? random.nextDouble() * 0.95 * table.rows() : 0;
        case FILTERED -> {
          if (some) {
            table.filter(between(0.02, 1, random));
          }
        }
        case SHRUNK -> table.sizeWhileWaiting *= some ? between(0.7, 1.4, random) : 1;
        default -> {}
      }
    }
  }

  // ---- costs ----

  private void setPace() {
    int bound = random.nextInt(4);
    secondsPerByte = bound == 0 ? 0 : 1;
    secondsPerRow = bound == 1 ? 0 : between(60, 600, random);
    List<CopiedTable> large = tables.stream().filter(table -> !table.small).toList();
    double all = large.stream().mapToDouble(this::seconds).sum();
    double atOnce = Math.pow(Math.min(workers, large.size()), 1 - shared);
    double pace = between(100, 1e5, random) / (all / atOnce);
    secondsPerByte *= pace;
    secondsPerRow *= pace;
    for (CopiedTable table : large) {
      table.batch =
          table.rows() / Math.max(10, Math.min(BATCHES, BATCHES * seconds(table) / pace / all));
    }
    tables.sort(
        Comparator.comparingDouble((CopiedTable table) -> table.sizeWhileWaiting).reversed());
  }

  /** {@return how long a table takes if no other is copied} */
  private double seconds(CopiedTable table) {
    return table.rows() * secondsPerRow + table.bytes() * secondsPerByte;
  }

  CopyModel model(double assumedShared, double factor) {
    return new CopyModel(
        secondsPerRow * factor,
        secondsPerByte * factor,
        assumedShared,
        secondsPerTable,
        secondsPerSmallTable);
  }
}
