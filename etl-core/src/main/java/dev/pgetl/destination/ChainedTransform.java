package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.TableSchema;

/**
 * One transform followed by another.
 *
 * @param first sees the rows of Postgres
 * @param second sees the result of the first
 */
record ChainedTransform(RowTransform first, RowTransform second) implements RowTransform {
  @Override
  public TableSchema table() {
    return second.table();
  }

  @Override
  public boolean leavesUnchanged(String column) {
    return first.leavesUnchanged(column) && second.leavesUnchanged(column);
  }

  @Override
  public TableRow apply(TableRow row) {
    return second.apply(TransformRules.apply(first, row));
  }
}
