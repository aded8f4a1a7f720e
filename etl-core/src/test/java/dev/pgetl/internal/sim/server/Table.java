package dev.pgetl.internal.sim.server;

import java.util.Map;
import java.util.TreeMap;

/** A table with its committed rows by key. */
final class Table {
  private Shape shape;
  private int lastColumn;
  private final TreeMap<String, Row> rows;

  Table(Shape shape, int lastColumn, Map<String, Row> rows) {
    this.shape = shape;
    this.lastColumn = lastColumn;
    this.rows = new TreeMap<>(rows);
  }

  Table copy() {
    return new Table(shape, lastColumn, rows);
  }

  Shape shape() {
    return shape;
  }

  void shape(Shape changed) {
    shape = changed;
  }

  /** {@return the number of a new column; none is used twice} */
  int newColumn() {
    lastColumn++;
    return lastColumn;
  }

  Map<String, Row> rows() {
    return rows;
  }

  void apply(Change change) {
    if (change.isTruncate()) {
      rows.clear();
    }
    Row before = change.before();
    if (before != null) {
      rows.remove(before.key());
    }
    Row after = change.after();
    if (after != null) {
      rows.put(after.key(), after);
    }
  }
}
