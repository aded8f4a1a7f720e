package dev.pgetl.internal.estimate;

import java.util.List;

/**
 * About how many rows a table has in each of some equal parts of its blocks, as a sample of blocks
 * shows. A copy reads a table about in the order of its blocks, so the number of rows it has read
 * says how many of the blocks that were, also if rows are wider in one part than in another.
 * Immutable.
 */
public final class RowSpread {
  /** How many rows lie before each part, and behind the last one. */
  private final double[] before;

  private RowSpread(double[] before) {
    this.before = before;
  }

  /**
   * {@return the spread of a sample}
   *
   * @param rowsOfParts how many rows each part has; at least one part
   */
  public static RowSpread of(List<Double> rowsOfParts) {
    double[] before = new double[rowsOfParts.size() + 1];
    for (int part = 0; part < rowsOfParts.size(); part++) {
      before[part + 1] = before[part] + Math.max(0, rowsOfParts.get(part));
    }
    return new RowSpread(before);
  }

  /** {@return how many rows there are} */
  public double rows() {
    return before[before.length - 1];
  }

  /** {@return which share of the blocks has the first rows, from 0 to 1} */
  double blocksOf(double firstRows) {
    if (firstRows >= rows()) {
      return 1;
    }
    int part = 0;
    while (before[part + 1] <= firstRows) {
      part++;
    }
    double within = (firstRows - before[part]) / (before[part + 1] - before[part]);
    return (part + Math.max(0, within)) / (before.length - 1);
  }
}
