package dev.pgetl.internal.sim.server;

import java.util.Map;
import java.util.TreeMap;

/** A table with its committed rows by key. */
final class Table {
  private Shape shape;
  private int lastColumn;

  /** Its file: another one after a truncation. */
  private int file;

  private final TreeMap<String, Row> rows;

  /** By the number of a column: the transaction that wrote it to the catalogue. */
  private final TreeMap<Integer, Integer> writers = new TreeMap<>();

  Table(Shape shape, int lastColumn, Map<String, Row> rows) {
    this.shape = shape;
    this.lastColumn = lastColumn;
    this.rows = new TreeMap<>(rows);
  }

  Table copy() {
    Table copy = new Table(shape, lastColumn, rows);
    copy.writers.putAll(writers);
    copy.file = file;
    return copy;
  }

  Shape shape() {
    return shape;
  }

  void shape(Shape changed) {
    shape = changed;
  }

  void wrote(int xid, int column) {
    writers.put(column, xid);
  }

  /** {@return the transaction that wrote a column; 0 if the one that made the table} */
  int writer(int column) {
    return writers.getOrDefault(column, 0);
  }

  /** {@return what the catalogue says of the table, dropped columns included} */
  String catalogue() {
    return shape + " " + lastColumn + " " + file;
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
      file++;
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
