package dev.pgetl.data;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.value.RowFactory;
import dev.pgetl.schema.TableSchema;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A row of a table: the bytes Postgres sent for each column, as text or in its binary format,
 * decoded when asked. Only {@link #textBytes} lets a caller see which of the two it was.
 *
 * <p>A column is <b>present</b> with a value, present and <b>null</b>, or <b>absent</b>: Postgres
 * did not send it (a large value an update left alone, a column of an old row outside the replica
 * identity). {@link #isPresent} and {@link #isNull} distinguish them; to read an absent column, or
 * a null with a getter of a primitive type, is an {@link IllegalStateException}.
 *
 * <p>{@link #get(int)} gives the natural Java value of the column's type, or a {@link SpecialValue}
 * where that type has no such value; the typed getters give the former only. {@link #text(int)} is
 * the exact text of Postgres, also of binary values. Columns have a place, from 0, and a name:
 * {@code row.getLong(0)} or, a look-up slower, {@code row.get("id", Long.class)}. Getters throw
 *
 * <ul>
 *   <li>{@link IllegalArgumentException} if the column does not exist or its type is another one
 *       than the getter reads;
 *   <li>{@link EtlException} of kind {@link ErrorKind#SOURCE_DATA}, which stops this table only, if
 *       the bytes are no value of the type, or stand for a {@link SpecialValue}. The message names
 *       table and column, never the value.
 * </ul>
 *
 * <p>The library makes all rows; do not implement this interface. Immutable, safe for concurrent
 * use. Two rows are equal if they belong to the same table and the same columns are absent, null,
 * or have the same text. {@code toString} has no values in it.
 */
public interface TableRow {
  /** Stands for an absent column among the values of {@link #of}. */
  Object NOT_SENT =
      new Object() {
        @Override
        public String toString() {
          return "NOT_SENT";
        }
      };

  /**
   * {@return a row of Java values, as Postgres would have sent it; for tests}
   *
   * @param table the version of the table
   * @param values a value for each column: what {@link #get(int)} gives for its type, null, or
   *     {@link #NOT_SENT}. Whole numbers of any class do for whole numbers and {@code numeric}, an
   *     {@link Instant} for {@code timestamptz}, a {@code byte[]} for {@code bytea}
   * @throws IllegalArgumentException if a value does not suit the type of its column
   */
  static TableRow of(TableSchema table, @Nullable Object... values) {
    return (TableRow) RowFactory.INSTALLED.row(table, values);
  }

  /**
   * {@return a row of another table, sharing the bytes}
   *
   * @param other the version of the other table
   * @param sources for each column of the other table, the place in this row
   */
  TableRow as(TableSchema other, int... sources);

  /** {@return the version of the table the row has} */
  TableSchema table();

  /** {@return how many columns the row has, absent ones included} */
  int columnCount();

  /** {@return how many columns are present} */
  default int presentCount() {
    return (int) IntStream.range(0, columnCount()).filter(this::isPresent).count();
  }

  /**
   * {@return the place of a column, from 0}
   *
   * @param column its name as in the catalogue
   * @throws IllegalArgumentException if there is none of that name
   */
  int index(String column);

  /** {@return whether Postgres sent the column} */
  boolean isPresent(int index);

  /** {@return whether Postgres sent the column} */
  default boolean isPresent(String column) {
    return isPresent(index(column));
  }

  /** {@return whether the column is null; an absent one is not} */
  boolean isNull(int index);

  /** {@return whether the column is null; an absent one is not} */
  default boolean isNull(String column) {
    return isNull(index(column));
  }

  /** {@return whether the column's value is a {@link SpecialValue}, which typed getters refuse} */
  default boolean isSpecial(int index) {
    return get(index) instanceof SpecialValue;
  }

  /** {@return the exact text of Postgres, null for a null} */
  @Nullable String text(int index);

  /** {@return the exact text of Postgres, null for a null} */
  default @Nullable String text(String column) {
    return text(index(column));
  }

  /**
   * {@return the exact text of Postgres in UTF-8, read-only; null for a null} It is a view of the
   * row where the bytes sent are the text; otherwise each call makes a new one.
   */
  @Nullable ByteBuffer textBytes(int index);

  /** {@return the natural Java value of the type or a {@link SpecialValue}; null for a null} */
  @Nullable Object get(int index);

  /** {@return the natural Java value of the type or a {@link SpecialValue}; null for a null} */
  default @Nullable Object get(String column) {
    return get(index(column));
  }

  /**
   * {@return the value of a column whose natural Java value has this class; null for a null}
   *
   * @param type for example {@code PgInet.class}
   */
  <T> @Nullable T get(int index, Class<T> type);

  /**
   * {@return the value of a column whose natural Java value has this class; null for a null}
   *
   * @param type for example {@code Long.class}
   */
  default <T> @Nullable T get(String column, Class<T> type) {
    return get(index(column), type);
  }

  /** {@return the present columns by name, in table order, as {@link #get(int)} gives them} */
  default Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 0; i < columnCount(); i++) {
      if (isPresent(i)) {
        values.put(table().column(i).name(), get(i));
      }
    }
    return Collections.unmodifiableMap(values);
  }

  /** {@return a {@code boolean}} */
  boolean getBoolean(int index);

  /** {@return a {@code smallint}} */
  short getShort(int index);

  /** {@return an {@code integer} or {@code smallint}} */
  int getInt(int index);

  /** {@return a {@code bigint}, {@code integer}, {@code smallint}, {@code oid} or {@code xid}} */
  long getLong(int index);

  /** {@return a {@code real}} */
  float getFloat(int index);

  /** {@return a {@code double precision} or {@code real}} */
  double getDouble(int index);

  /** {@return a {@code numeric} with its scale, null for a null} */
  default @Nullable BigDecimal getBigDecimal(int index) {
    return get(index, BigDecimal.class);
  }

  /** {@return the value of a column that has a String for it: text, JSON, enums, unknown types} */
  default @Nullable String getString(int index) {
    return get(index, String.class);
  }

  /** {@return a {@code bytea} in an array of its own, null for a null} */
  byte @Nullable [] getBytes(int index);

  /** {@return a {@code uuid}, null for a null} */
  default @Nullable UUID getUuid(int index) {
    return get(index, UUID.class);
  }

  /** {@return a {@code date}, null for a null} */
  default @Nullable LocalDate getLocalDate(int index) {
    return get(index, LocalDate.class);
  }

  /** {@return a {@code time}, null for a null} */
  default @Nullable LocalTime getLocalTime(int index) {
    return get(index, LocalTime.class);
  }

  /** {@return a {@code timetz}, null for a null} */
  default @Nullable OffsetTime getOffsetTime(int index) {
    return get(index, OffsetTime.class);
  }

  /** {@return a {@code timestamp}, null for a null} */
  default @Nullable LocalDateTime getLocalDateTime(int index) {
    return get(index, LocalDateTime.class);
  }

  /** {@return a {@code timestamptz} in UTC, null for a null} */
  default @Nullable OffsetDateTime getOffsetDateTime(int index) {
    return get(index, OffsetDateTime.class);
  }

  /** {@return a {@code timestamptz}, null for a null} */
  @Nullable Instant getInstant(int index);

  /** {@return an {@code interval}, null for a null} */
  default @Nullable PgInterval getInterval(int index) {
    return get(index, PgInterval.class);
  }

  /** {@return an array of any dimensions with its lower bounds, null for a null} */
  @Nullable PgArray getArray(int index);

  /**
   * {@return the elements of a one-dimensional array or the ranges of a multirange, null for null}
   *
   * @param type the class of the elements
   */
  <T> @Nullable List<@Nullable T> getList(int index, Class<T> type);

  /**
   * {@return a range, null for a null}
   *
   * @param type the class of the bounds
   */
  <T> @Nullable PgRange<T> getRange(int index, Class<T> type);

  /** {@return a composite's fields in order, or an {@code hstore}'s entries; null for null} */
  @SuppressWarnings("unchecked")
  default @Nullable Map<String, @Nullable Object> getMap(int index) {
    return get(index, Map.class);
  }
}
