package dev.pgetl.internal.row;

import dev.pgetl.data.PgArray;
import dev.pgetl.data.PgRange;
import dev.pgetl.data.TableRow;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.codec.ArrayCodec;
import dev.pgetl.internal.value.codec.FloatCodec;
import dev.pgetl.internal.value.codec.ValueCodecs;
import dev.pgetl.schema.TableSchema;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A row over the bytes Postgres sent. Nothing is copied, and nothing is decoded before it is asked
 * for. Immutable.
 */
public final class WireRow implements TableRow {
  /** Length of a column that is null. */
  public static final int NULL = -1;

  /** Length of a column Postgres did not send. */
  public static final int ABSENT = -2;

  /**
   * Added to where a column starts if its value is in binary format; only for tables of which
   * {@link #readsBinary} holds.
   */
  public static final int BINARY = Integer.MIN_VALUE;

  private final TableSchema table;
  private final byte[] bytes;
  private final int[] bounds;

  /** Looked up by the first that needs it; all find the same, so a race does no harm. */
  private @Nullable RowLayout layout;

  private WireRow(TableSchema table, byte[] bytes, int[] bounds) {
    this.table = table;
    this.bytes = bytes;
    this.bounds = bounds;
  }

  /**
   * {@return a row over these arrays, which must not change any more}
   *
   * @param table the version of the table
   * @param bytes holds the value of every column, as text in UTF-8 or in binary format
   * @param bounds two numbers per column: where its value starts, plus {@link #BINARY} if it is in
   *     binary format, and how long it is, or {@link #NULL} or {@link #ABSENT}
   */
  public static WireRow of(TableSchema table, byte[] bytes, int[] bounds) {
    return new WireRow(table, bytes, bounds);
  }

  /** {@return whether values in binary format can be read for every column of a table} */
  public static boolean readsBinary(TableSchema table) {
    return RowLayout.of(table).readsBinary();
  }

  @Override
  public TableRow as(TableSchema other, int... sources) {
    int[] selected = new int[2 * sources.length];
    for (int i = 0; i < sources.length; i++) {
      selected[2 * i] = bounds[2 * sources[i]];
      selected[2 * i + 1] = bounds[2 * sources[i] + 1];
    }
    return new WireRow(other, bytes, selected);
  }

  @Override
  public TableSchema table() {
    return table;
  }

  @Override
  public int columnCount() {
    return bounds.length / 2;
  }

  @Override
  public int index(String column) {
    Integer index = layout().index(column);
    if (index == null) {
      throw new IllegalArgumentException("table " + table.name() + " has no column " + column);
    }
    return index;
  }

  @Override
  public boolean isPresent(int index) {
    return length(index) != ABSENT;
  }

  @Override
  public boolean isNull(int index) {
    return length(index) == NULL;
  }

  @Override
  public @Nullable String text(int index) {
    return CellValue.isNull(this, index) ? null : CellText.string(this, index);
  }

  @Override
  public @Nullable ByteBuffer textBytes(int index) {
    return CellValue.isNull(this, index) ? null : CellText.bytes(this, index);
  }

  @Override
  public @Nullable Object get(int index) {
    return CellValue.decode(this, index, codec(index));
  }

  @Override
  public <T> @Nullable T get(int index, Class<T> type) {
    return CellValue.decode(this, index, codec(index), type);
  }

  @Override
  public boolean getBoolean(int index) {
    Boolean value = get(index, Boolean.class);
    if (value == null) {
      throw RowErrors.nullValue(table, index);
    }
    return value;
  }

  @Override
  public short getShort(int index) {
    return (short) CellValue.whole(this, index, Short.MIN_VALUE, Short.MAX_VALUE, "short");
  }

  @Override
  public int getInt(int index) {
    return (int) CellValue.whole(this, index, Integer.MIN_VALUE, Integer.MAX_VALUE, "int");
  }

  @Override
  public long getLong(int index) {
    return CellValue.whole(this, index, Long.MIN_VALUE, Long.MAX_VALUE, "long");
  }

  @Override
  public float getFloat(int index) {
    return (float) CellValue.fractional(this, index, FloatCodec.FLOAT4, "float");
  }

  @Override
  public double getDouble(int index) {
    return CellValue.fractional(this, index, FloatCodec.FLOAT8, "double");
  }

  @Override
  public byte @Nullable [] getBytes(int index) {
    ValueCodec codec = view(index, ValueCodecs.BYTEA, ValueCodecs.BYTE_ARRAY);
    return CellValue.decode(this, index, codec, byte[].class);
  }

  @Override
  public @Nullable Instant getInstant(int index) {
    ValueCodec codec = view(index, ValueCodecs.TIMESTAMPTZ, ValueCodecs.INSTANT);
    return CellValue.decode(this, index, codec, Instant.class);
  }

  /** {@return the codec of another class for the same type} */
  private ValueCodec view(int index, ValueCodec own, ValueCodec other) {
    ValueCodec codec = codec(index);
    return codec == own ? other : codec;
  }

  @Override
  public @Nullable PgArray getArray(int index) {
    if (!(codec(index) instanceof ArrayCodec codec)) {
      throw RowErrors.wrongGetter(table, index, "PgArray");
    }
    Object value = get(index);
    return value == null ? null : codec.asArray(value);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> @Nullable List<@Nullable T> getList(int index, Class<T> type) {
    List<?> elements = get(index, List.class);
    if (elements != null) {
      RowErrors.requireParts(table, index, elements, type);
    }
    return (List<@Nullable T>) elements;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> @Nullable PgRange<T> getRange(int index, Class<T> type) {
    PgRange<?> range = get(index, PgRange.class);
    if (range != null) {
      RowErrors.requireParts(table, index, Arrays.asList(range.lower(), range.upper()), type);
    }
    return (PgRange<T>) range;
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
    return start(index) + length(index);
  }

  private int length(int index) {
    return bounds[2 * index + 1];
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
    return other instanceof WireRow that
        && table.id().equals(that.table.id())
        && columnCount() == that.columnCount()
        && IntStream.range(0, columnCount()).allMatch(i -> hasSameText(i, that));
  }

  private boolean hasSameText(int index, WireRow that) {
    if (length(index) < 0 || that.length(index) < 0) {
      return length(index) == that.length(index);
    }
    return CellText.areEqual(this, that, index);
  }

  @Override
  public int hashCode() {
    int hash = table.id().hashCode();
    for (int i = 0; i < columnCount(); i++) {
      hash *= 31;
      hash += length(i) < 0 ? length(i) : CellText.hash(this, i);
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
        .filter(i -> length(i) == length)
        .mapToObj(i -> table.column(i).name())
        .toList();
  }
}
