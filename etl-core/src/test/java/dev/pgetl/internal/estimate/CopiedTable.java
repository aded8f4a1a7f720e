package dev.pgetl.internal.estimate;

import dev.pgetl.internal.estimate.TableLoad.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A table of a generated copy: what it has, what is known of that, and how far its copy is. */
final class CopiedTable {
  private static final int PARTS = 32;
  private static final long BLOCK = 8_192;
  private static final int MOST_SAMPLED = 256;
  private static final int SAMPLED_PER_PART = 16;

  /** A block has so many rows more or fewer than others around it. */
  private static final double BLOCKS_VARY = 0.4;

  private final double[] rows = new double[PARTS];
  private final double[] widths = new double[PARTS];

  /** Its bytes on disk, and what the catalogue says of it while it waits. */
  final double size;

  double sizeWhileWaiting;
  long planned;

  boolean small;
  boolean filtered;

  /** The rows that an earlier process has copied. */
  double before;

  Stage stage = Stage.WAITING;
  Spent own = Spent.NOTHING;
  @Nullable RowSpread spread;
  double copied;
  double batch = 1;
  @Nullable CopyMeter meter;

  /**
   * Makes a table.
   *
   * @param bytes of its rows
   * @param size of its blocks
   * @param width of its rows in each part of its blocks; they have equal bytes
   */
  CopiedTable(double bytes, double size, double[] width) {
    this.size = size;
    this.sizeWhileWaiting = size;
    for (int part = 0; part < PARTS; part++) {
      widths[part] = width[part * width.length / PARTS];
      rows[part] = bytes / PARTS / widths[part];
    }
    planned = Math.round(rows());
  }

  /** Only a share of its rows is copied, and the planner does not know which. */
  void filter(double share) {
    filtered = true;
    for (int part = 0; part < PARTS; part++) {
      rows[part] *= share;
    }
  }

  double rows() {
    double sum = 0;
    for (double some : rows) {
      sum += some;
    }
    return sum;
  }

  double bytes() {
    return bytesOf(rows());
  }

  /** {@return the bytes of the first rows, in the order of blocks} */
  double bytesOf(double first) {
    double bytes = 0;
    double left = first;
    for (int part = 0; part < PARTS && left > 0; part++) {
      bytes += Math.min(left, rows[part]) * widths[part];
      left -= rows[part];
    }
    return bytes;
  }

  double rowsLeft() {
    return stage == Stage.WAITING ? rows() - before : rows() - copied;
  }

  double bytesLeft() {
    return bytes() - bytesOf(stage == Stage.WAITING ? before : copied);
  }

  /** Its copy begins with a sample of its blocks, if it has enough of them. */
  void begin(SplittableRandom random) {
    stage = Stage.RUNNING;
    copied = before;
    long sampled = Math.min(MOST_SAMPLED, (long) (size / BLOCK / 64));
    int parts = (int) (sampled / SAMPLED_PER_PART);
    if (parts < 2) {
      return;
    }
    List<Double> seen = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      double some = 0;
      for (int i = part * PARTS / parts; i < (part + 1) * PARTS / parts; i++) {
        some += rows[i];
      }
      double error = Numbers.gaussian(random) * BLOCKS_VARY / Math.sqrt(SAMPLED_PER_PART);
      seen.add(Math.max(0, some * (1 + error)));
    }
    spread = RowSpread.of(seen);
  }

  /** {@return what the estimate is made of} */
  TableLoad load() {
    boolean waits = stage == Stage.WAITING;
    double now = waits ? before : copied;
    return new TableLoad(
        stage,
        small,
        new TableExtent(
            Math.round(waits ? sizeWhileWaiting : size), planned, spread, filtered && !waits),
        Math.round(now),
        Math.round(bytesOf(now)),
        own);
  }
}
