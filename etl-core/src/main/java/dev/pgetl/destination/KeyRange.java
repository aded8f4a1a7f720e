package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.value.order.KeyInterval;
import dev.pgetl.internal.value.order.KeyOrder;
import dev.pgetl.schema.TableSchema;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a table whose key lies between two values: those for which {@code from <= column} and
 * {@code column < to} in the order of Postgres. {@link Destination#removeRange} receives it.
 * Immutable.
 *
 * <p>The column is the first one of the primary key. So it has a value in every row; if the key has
 * more columns, several rows may have the same value. A bound that is null does not limit the
 * range: without both bounds it has all rows of the table.
 *
 * <p><b>Bounds.</b> They are text as Postgres prints it, the same that {@link TableRow#text} gives:
 * {@code 42}, {@code \x00ff}, {@code 2026-01-02 03:04:05.678+00}. A bound need not be the key of a
 * row. The values of {@link dev.pgetl.data.SpecialValue} occur too: {@code infinity} in a date or a
 * timestamp, {@code NaN} and {@code Infinity} in a {@code numeric}, {@code 24:00:00} in a {@code
 * time}. Years before Christ end in {@code BC}.
 *
 * <p><b>Order.</b> A range has a column of one of these types, or of a domain over one:
 *
 * <ul>
 *   <li>{@code smallint}, {@code integer}, {@code bigint}, {@code oid}: the order of numbers. An
 *       {@code oid} has no sign.
 *   <li>{@code numeric}: the order of numbers; 1.0 and 1.00 are equal. {@code -Infinity} is the
 *       smallest, {@code NaN} the greatest, {@code Infinity} the greatest but one.
 *   <li>{@code uuid}: byte by byte, without a sign. {@link java.util.UUID#compareTo} has another
 *       order.
 *   <li>{@code bytea}: byte by byte, without a sign. A value that begins with another one is the
 *       greater.
 *   <li>{@code text}, {@code varchar}: as {@code bytea}, by the bytes in UTF-8. That is the
 *       collation {@code C}, and the order of code points. {@link String#compareTo} has another
 *       order.
 *   <li>{@code date}, {@code time}, {@code timestamp}, {@code timestamp with time zone}: the order
 *       of time. {@code -infinity} is the smallest, {@code infinity} the greatest, {@code 24:00:00}
 *       the last time of a day.
 * </ul>
 *
 * <p><b>To remove the rows</b> with SQL, compare in the type of the column, not as text:
 *
 * <pre>{@code
 * DELETE FROM orders WHERE id >= CAST(? AS bigint) AND id < CAST(? AS bigint)
 * DELETE FROM names WHERE name COLLATE "C" >= ? AND name COLLATE "C" < ?
 * }</pre>
 *
 * <p>Leave out the condition of a bound that is null: a comparison with {@code NULL} holds for no
 * row. These statements need a database that reads the bounds and has the order above. Where it has
 * another one, as many have for {@code uuid} and text, they remove the wrong rows. Then select the
 * rows with {@link #contains}, or answer {@code false}.
 *
 * <p>Two ranges are equal if their texts are, so a range up to 1.0 does not equal one up to 1.00.
 * {@link #toString} contains no values: keys are data and do not belong in logs.
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
    if (column.isEmpty()) {
      throw new IllegalArgumentException("a column without a name");
    }
  }

  /**
   * {@return whether the key of a row lies in the range}
   *
   * @param row has the column, present and not null
   * @throws IllegalArgumentException if the row has no such column, if its type is none of those
   *     above, or if a bound is no value of the type
   * @throws IllegalStateException if the column is absent or null
   * @throws dev.pgetl.error.EtlException of kind {@code SOURCE_DATA} if the bytes of the row are no
   *     value of the type
   */
  public boolean contains(TableRow row) {
    int index = row.index(column);
    KeyOrder order = order(row.table());
    return KeyInterval.of(order, from, to).contains(order.key(row, index));
  }

  /**
   * {@return whether a key may lie in both ranges} Those of another column may have the same rows.
   *
   * @param other another range of the table
   * @param table a version of the table
   * @throws IllegalArgumentException if the table has no such column, if its type is none of those
   *     above, or if a bound is no value of the type
   */
  public boolean overlaps(KeyRange other, TableSchema table) {
    if (!column.equals(other.column)) {
      return true;
    }
    KeyOrder order = order(table);
    return KeyInterval.of(order, from, to).overlaps(KeyInterval.of(order, other.from, other.to));
  }

  private KeyOrder order(TableSchema table) {
    int index = table.indexOf(column);
    return (index < 0 ? Optional.<KeyOrder>empty() : KeyOrder.of(table.column(index).type()))
        .orElseThrow(
            () -> new IllegalArgumentException("the order of column " + column + " is unknown"));
  }

  /** {@return the column, and which bounds there are; no values} */
  @Override
  public String toString() {
    return "KeyRange[column=%s, from=%s, to=%s]".formatted(column, shown(from), shown(to));
  }

  private static String shown(@Nullable String bound) {
    return bound == null ? "unlimited" : "redacted";
  }
}
