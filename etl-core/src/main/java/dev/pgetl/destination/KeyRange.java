package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.value.order.KeyOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a table whose key lies between two values: those for which {@code from <= column} and
 * {@code column < to} in the order of Postgres. Immutable.
 *
 * @param column the first column of the primary key
 * @param from the first value, in the text form of Postgres; null if the range begins with the
 *     smallest
 * @param to the value behind the last one, in the text form of Postgres; null if the range ends
 *     with the greatest
 */
public record KeyRange(String column, @Nullable String from, @Nullable String to) {
  public KeyRange {
    Objects.requireNonNull(column, "column");
  }

  /**
   * {@return whether the key of a row lies in the range}
   *
   * @param row has the column, present and not null
   * @throws IllegalArgumentException if it has not, or if the type of the column has an order that
   *     Java does not know
   */
  public boolean contains(TableRow row) {
    int index = row.index(column);
    KeyOrder order =
        KeyOrder.of(row.table().column(index).type())
            .orElseThrow(() -> new IllegalArgumentException("no order is known of " + column));
    KeyOrder.Key key = order.key(row, index);
    return (from == null || key.compareTo(order.key(from)) >= 0)
        && (to == null || key.compareTo(order.key(to)) < 0);
  }
}
