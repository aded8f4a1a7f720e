package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.TableSchema;

/**
 * One transform behind another.
 *
 * @param first sees the rows of Postgres
 * @param second sees what the first made of them
 */
record ChainedTransform(RowTransform first, RowTransform second) implements RowTransform {
  @Override
  public TableSchema table() {
    return second.table();
  }

  @Override
  public TableRow apply(TableRow row) {
    return second.apply(first.apply(row));
  }
}
