package dev.pgetl.internal.range;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.value.order.KeyOrder;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.util.List;

/** Whether a range that a user gives can be one of a table. Stateless. */
public final class RangeCheck {
  private RangeCheck() {}

  /**
   * Checks a range.
   *
   * @param range the range
   * @param version the version of the table
   * @throws IllegalArgumentException if it is not one of the table's key, or has no rows
   */
  public static void require(KeyRange range, TableSchema version) {
    List<ColumnSchema> key = version.primaryKey();
    if (key.isEmpty() || !key.get(0).name().equals(range.column())) {
      throw new IllegalArgumentException(
          "a range of table "
              + version.name()
              + " has to be one of the first column of its primary key, not of "
              + range.column());
    }
    KeyOrder order =
        KeyOrder.of(key.get(0).type())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "type " + key.get(0).type().name() + " has no order that Java knows"));
    if ((range.from() + range.to()).indexOf('\0') >= 0) {
      throw new IllegalArgumentException("Postgres has no text with the character U+0000");
    }
    KeyOrder.Key from = range.from() == null ? null : order.key(range.from());
    KeyOrder.Key to = range.to() == null ? null : order.key(range.to());
    if (from != null && to != null && from.compareTo(to) >= 0) {
      throw new IllegalArgumentException("the range begins behind its end");
    }
  }
}
