package dev.pgetl.data;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A row of a table: the bytes Postgres sent for each column, as text or in its binary format,
 * decoded when asked. Nothing but {@link #textBytes} tells the two formats apart.
 *
 * <p>A column is <b>present</b> with a value, present and <b>null</b>, or <b>absent</b>: Postgres
 * did not send it (a large value an update left alone, a column of an old row outside the replica
 * identity). {@link #isPresent} and {@link #isNull} tell; reading an absent column, or a null with
 * a getter of a primitive type, is a mistake of the caller ({@link IllegalStateException}).
 *
 * <p>{@link #get(int)} gives the natural Java value of the column's type, or a {@link SpecialValue}
 * where that type has no such value; the typed getters give the former only. {@link #text(int)} is
 * the exact text of Postgres: what it sent, or would have sent instead of the binary format.
 * Columns have a place, from 0, and a name: {@code row.getLong(0)} or, a look-up slower, {@code
 * row.get("id", Long.class)}. Getters throw
 *
 * <ul>
 *   <li>{@link IllegalArgumentException} if the column does not exist or its type is another one
 *       than the getter reads;
 *   <li>{@link EtlException} of kind {@link ErrorKind#SOURCE_DATA}, which stops this table only, if
 *       the bytes are no value of the type, or stand for a {@link SpecialValue}. The message names
 *       table and column, never the value.
 * </ul>
 *
 * <p>Immutable, safe for concurrent use. Two rows are equal if they belong to the same table and
 * the same columns are absent, null, or have the same text.
 */
public final class TableRow {
  /** Length of a column that is null, for {@link #ofWire}. */
  public static final int NULL = -1;

  /** Length of a column Postgres did not send, for {@link #ofWire}. */
  public static final int ABSENT = -2;

  /**
   * Added to where a column starts if its value is in binary format, for {@link #ofWire}; only for
   * tables of which {@link #readsBinary} holds.
   */
  public static final int BINARY = Integer.MIN_VALUE;

  /** Stands for an absent column among the values of {@link #of}. */
  public static final Object NOT_SENT = RowText.Absent.ABSENT;

  private final TableSchema table;
  private final byte[] bytes;
  private final int[] bounds;

  /** Looked up by the first that needs it; all find the same, so a race does no harm. */
  private @Nullable RowLayout layout;

  private TableRow(TableSchema table, byte[] bytes, int[] bounds) {
    this.table = table;
    this.bytes = bytes;
    this.bounds = bounds;
  }

  /**
   * {@return a row over the bytes Postgres sent; the arrays are not copied and must not change any
   * more}
   *
   * @param table the version of the table
   * @param bytes holds the value of every column, as text in UTF-8 or in binary format
   * @param bounds two numbers per column: where its value starts, plus {@link #BINARY} if it is in
   *     binary format, and how long it is, or {@link #NULL} or {@link #ABSENT}
   */
  public static TableRow ofWire(TableSchema table, byte[] bytes, int[] bounds) {
    return new TableRow(table, bytes, bounds);
  }

  /**
   * {@return whether values in binary format can be read for every column of a table}
   *
   * @param table a version of the table
   */
  public static boolean readsBinary(TableSchema table) {
    return RowLayout.of(table).readsBinary();
  }

  /**
   * {@return a row of Java values, as Postgres would have sent it; for tests}
   *
   * @param table the version of the table
   * @param values a value for each column: what {@link #get(int)} gives for its type, null, or
   *     {@link #NOT_SENT}. Whole numbers of any class do for whole numbers and {@code numeric}, an
   *     {@link Instant} for {@code timestamptz}, a {@code byte[]} for {@code bytea}
   * @throws IllegalArgumentException if a value does not suit the type of its column
   */
  public static TableRow of(TableSchema table, @Nullable Object... values) {
    RowText text = new RowText(table, values);
    return new TableRow(table, text.bytes(), text.bounds());
  }

  /**
   * {@return a row of another table, sharing the bytes}
   *
   * @param sources for each column of the other table, the place in this row
   */
  public TableRow as(TableSchema other, int... sources) {
    int[] selected = new int[2 * sources.length];
    for (int i = 0; i < sources.length; i++) {
      selected[2 * i] = bounds[2 * sources[i]];
      selected[2 * i + 1] = bounds[2 * sources[i] + 1];
    }
    return new TableRow(other, bytes, selected);
  }

  /** {@return the version of the table the row has} */
  public TableSchema table() {
    return table;
  }

  /** {@return how many columns the row has, absent ones included} */
  public int columnCount() {
    return bounds.length / 2;
  }

  /** {@return how many columns are present} */
  public int presentCount() {
    return (int) IntStream.range(0, columnCount()).filter(this::isPresent).count();
  }

  /**
   * {@return the place of a column, from 0}
   *
   * @param column its name as in the catalogue
   * @throws IllegalArgumentException if there is none of that name
   */
  public int index(String column) {
    Integer index = layout().index(column);
    if (index == null) {
      throw new IllegalArgumentException("table " + table.name() + " has no column " + column);
    }
    return index;
  }

  /** {@return whether Postgres sent the column} */
  public boolean isPresent(int index) {
    return bounds[2 * index + 1] != ABSENT;
  }

  /** {@return whether Postgres sent the column} */
  public boolean isPresent(String column) {
    return isPresent(index(column));
  }

  /** {@return whether the column is null; an absent one is not} */
  public boolean isNull(int index) {
    return bounds[2 * index + 1] == NULL;
  }

  /** {@return whether the column is null; an absent one is not} */
  public boolean isNull(String column) {
    return isNull(index(column));
  }

  /** {@return whether the column's value is a {@link SpecialValue}, which typed getters refuse} */
  public boolean isSpecial(int index) {
    return get(index) instanceof SpecialValue;
  }

  /** {@return the exact text of Postgres, null for a null} */
  public @Nullable String text(int index) {
    return CellValue.isNull(this, index) ? null : CellText.string(this, index);
  }

  /** {@return the exact text of Postgres, null for a null} */
  public @Nullable String text(String column) {
    return text(index(column));
  }

  /**
   * {@return the exact text of Postgres in UTF-8, read-only; null for a null} It is a view of the
   * row where the bytes sent are the text, or else made anew with each call.
   */
  public @Nullable ByteBuffer textBytes(int index) {
    return CellValue.isNull(this, index) ? null : CellText.bytes(this, index);
  }

  /** {@return the natural Java value of the type or a {@link SpecialValue}; null for a null} */
  public @Nullable Object get(int index) {
    return CellValue.decode(this, index, codec(index));
  }

  /** {@return the natural Java value of the type or a {@link SpecialValue}; null for a null} */
  public @Nullable Object get(String column) {
    return get(index(column));
  }

  /**
   * {@return the value of a column whose natural Java value has this class; null for a null}
   *
   * @param type for example {@code PgInet.class}
   */
  public <T> @Nullable T get(int index, Class<T> type) {
    return get(index, codec(index), type);
  }

  /**
   * {@return the value of a column whose natural Java value has this class; null for a null}
   *
   * @param type for example {@code Long.class}
   */
  public <T> @Nullable T get(String column, Class<T> type) {
    return get(index(column), type);
  }

  /** {@return the present columns by name, in table order, as {@link #get(int)} gives them} */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 0; i < columnCount(); i++) {
      if (isPresent(i)) {
        values.put(table.column(i).name(), get(i));
      }
    }
    return Collections.unmodifiableMap(values);
  }

  /** {@return a {@code boolean}} */
  public boolean getBoolean(int index) {
    Boolean value = get(index, Boolean.class);
    if (value == null) {
      throw RowErrors.nullValue(table, index);
    }
    return value;
  }

  /** {@return a {@code smallint}} */
  public short getShort(int index) {
    return (short) CellValue.whole(this, index, Short.MIN_VALUE, Short.MAX_VALUE, "short");
  }

  /** {@return an {@code integer} or {@code smallint}} */
  public int getInt(int index) {
    return (int) CellValue.whole(this, index, Integer.MIN_VALUE, Integer.MAX_VALUE, "int");
  }

  /** {@return a {@code bigint}, {@code integer}, {@code smallint}, {@code oid} or {@code xid}} */
  public long getLong(int index) {
    return CellValue.whole(this, index, Long.MIN_VALUE, Long.MAX_VALUE, "long");
  }

  /** {@return a {@code real}} */
  public float getFloat(int index) {
    return (float) CellValue.fractional(this, index, FloatCodec.FLOAT4, "float");
  }

  /** {@return a {@code double precision} or {@code real}} */
  public double getDouble(int index) {
    return CellValue.fractional(this, index, FloatCodec.FLOAT8, "double");
  }

  /** {@return a {@code numeric} with its scale, null for a null} */
  public @Nullable BigDecimal getBigDecimal(int index) {
    return get(index, BigDecimal.class);
  }

  /** {@return the value of a column that has a String for it: text, JSON, enums, unknown types} */
  public @Nullable String getString(int index) {
    return get(index, String.class);
  }

  /** {@return a {@code bytea} in an array of its own, null for a null} */
  public byte @Nullable [] getBytes(int index) {
    return get(index, view(index, ValueCodecs.BYTEA, ValueCodecs.BYTE_ARRAY), byte[].class);
  }

  /** {@return a {@code uuid}, null for a null} */
  public @Nullable UUID getUuid(int index) {
    return get(index, UUID.class);
  }

  /** {@return a {@code date}, null for a null} */
  public @Nullable LocalDate getLocalDate(int index) {
    return get(index, LocalDate.class);
  }

  /** {@return a {@code time}, null for a null} */
  public @Nullable LocalTime getLocalTime(int index) {
    return get(index, LocalTime.class);
  }

  /** {@return a {@code timetz}, null for a null} */
  public @Nullable OffsetTime getOffsetTime(int index) {
    return get(index, OffsetTime.class);
  }

  /** {@return a {@code timestamp}, null for a null} */
  public @Nullable LocalDateTime getLocalDateTime(int index) {
    return get(index, LocalDateTime.class);
  }

  /** {@return a {@code timestamptz} in UTC, null for a null} */
  public @Nullable OffsetDateTime getOffsetDateTime(int index) {
    return get(index, OffsetDateTime.class);
  }

  /** {@return a {@code timestamptz}, null for a null} */
  public @Nullable Instant getInstant(int index) {
    return get(index, view(index, ValueCodecs.TIMESTAMPTZ, ValueCodecs.INSTANT), Instant.class);
  }

  /** {@return an {@code interval}, null for a null} */
  public @Nullable PgInterval getInterval(int index) {
    return get(index, PgInterval.class);
  }

  /** {@return an array of any dimensions with its lower bounds, null for a null} */
  public @Nullable PgArray getArray(int index) {
    if (!(codec(index) instanceof ArrayCodec codec)) {
      throw RowErrors.wrongGetter(table, index, "PgArray");
    }
    Object value = get(index);
    return value == null ? null : codec.asArray(value);
  }

  /**
   * {@return the elements of a one-dimensional array or the ranges of a multirange, null for null}
   *
   * @param type the class of the elements
   */
  @SuppressWarnings("unchecked")
  public <T> @Nullable List<@Nullable T> getList(int index, Class<T> type) {
    List<?> elements = get(index, List.class);
    if (elements != null) {
      RowErrors.requireParts(table, index, elements, type);
    }
    return (List<@Nullable T>) elements;
  }

  /**
   * {@return a range, null for a null}
   *
   * @param type the class of the bounds
   */
  @SuppressWarnings("unchecked")
  public <T> @Nullable PgRange<T> getRange(int index, Class<T> type) {
    PgRange<?> range = get(index, PgRange.class);
    if (range != null) {
      RowErrors.requireParts(table, index, Arrays.asList(range.lower(), range.upper()), type);
    }
    return (PgRange<T>) range;
  }

  /**
   * {@return a composite's fields in their order, or an {@code hstore}'s entries; null for null}
   */
  @SuppressWarnings("unchecked")
  public @Nullable Map<String, @Nullable Object> getMap(int index) {
    return get(index, Map.class);
  }

  /** {@return the codec of another class for the same type} */
  private ValueCodec view(int index, ValueCodec own, ValueCodec other) {
    ValueCodec codec = codec(index);
    return codec == own ? other : codec;
  }

  private <T> @Nullable T get(int index, ValueCodec codec, Class<T> type) {
    if (!type.isAssignableFrom(codec.javaType())) {
      throw RowErrors.wrongGetter(table, index, type.getSimpleName());
    }
    Object value = CellValue.decode(this, index, codec);
    if (value != null && !type.isInstance(value)) {
      throw RowErrors.notHeldBy(table, index, type);
    }
    return type.cast(value);
  }

  byte[] bytes() {
    return bytes;
  }

  boolean isBinary(int index) {
    return bounds[2 * index] < 0;
  }

  int start(int index) {
    return bounds[2 * index] & ~BINARY;
  }

  int end(int index) {
    return start(index) + bounds[2 * index + 1];
  }

  ValueCodec codec(int index) {
    return layout().codec(index);
  }

  private RowLayout layout() {
    RowLayout found = layout;
    if (found == null) {
      found = RowLayout.of(table);
      layout = found;
    }
    return found;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TableRow that
        && table.id().equals(that.table.id())
        && columnCount() == that.columnCount()
        && IntStream.range(0, columnCount()).allMatch(i -> hasSameText(i, that));
  }

  private boolean hasSameText(int index, TableRow that) {
    int length = bounds[2 * index + 1];
    int thatLength = that.bounds[2 * index + 1];
    if (length < 0 || thatLength < 0) {
      return length == thatLength;
    }
    return CellText.areEqual(this, that, index);
  }

  @Override
  public int hashCode() {
    int hash = table.id().hashCode();
    for (int i = 0; i < columnCount(); i++) {
      int length = bounds[2 * i + 1];
      hash *= 31;
      hash += length < 0 ? length : CellText.hash(this, i);
    }
    return hash;
  }

  /** {@return table and which columns are null or absent; no values} */
  @Override
  public String toString() {
    return "row of " + table.name() + ", null " + names(NULL) + ", absent " + names(ABSENT);
  }

  private List<String> names(int length) {
    return IntStream.range(0, columnCount())
        .filter(i -> bounds[2 * i + 1] == length)
        .mapToObj(i -> table.column(i).name())
        .toList();
  }
}
