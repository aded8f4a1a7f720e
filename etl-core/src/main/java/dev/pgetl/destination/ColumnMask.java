package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.internal.value.ConstantDefault;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A transform that replaces the values of one column. Thread-safe if its function is. */
final class ColumnMask implements RowTransform {
  private static final PgType TEXT = PgType.base(25, "text");
  private static final int NO_MODIFIER = -1;

  private final TableSchema table;
  private final int masked;
  private final Function<String, @Nullable String> mask;

  ColumnMask(TableSchema source, String name, Function<String, @Nullable String> mask) {
    this.masked = ColumnSelection.requireColumn(source, name);
    ColumnSchema column = source.column(masked);
    this.table =
        ColumnSelection.withColumn(source, masked, asText(column, ofDefault(column, mask)));
    this.mask = mask;
  }

  /** The default of a masked column; null if it has none, or its value cannot be known. */
  private static @Nullable String ofDefault(
      ColumnSchema column, Function<String, @Nullable String> mask) {
    String value = ConstantDefault.sentText(column);
    if (value == null) {
      return null;
    }
    String replacement = mask.apply(value);
    return replacement == null ? "NULL::text" : "'" + replacement.replace("'", "''") + "'::text";
  }

  private static ColumnSchema asText(ColumnSchema column, @Nullable String defaultValue) {
    return column.toBuilder()
        .type(TEXT)
        .modifier(NO_MODIFIER)
        .nullable(true)
        .defaultExpression(defaultValue)
        .build();
  }

  @Override
  public TableSchema table() {
    return table;
  }

  @Override
  public boolean leavesUnchanged(String column) {
    int index = table.indexOf(column);
    return index >= 0 && index != masked;
  }

  /** Copies the row's bytes once, without those of the masked value. */
  @Override
  public TableRow apply(TableRow row) {
    int count = table.columnCount();
    @Nullable ByteBuffer[] texts = new ByteBuffer[count];
    int size = 0;
    for (int i = 0; i < count; i++) {
      texts[i] = row.isPresent(i) ? text(row, i) : null;
      size += texts[i] == null ? 0 : texts[i].remaining();
    }
    byte[] bytes = new byte[size];
    int[] bounds = new int[2 * count];
    int end = 0;
    for (int i = 0; i < count; i++) {
      ByteBuffer text = texts[i];
      int length = text == null ? lengthWithoutText(row, i) : text.remaining();
      bounds[2 * i] = end;
      bounds[2 * i + 1] = length;
      if (text != null) {
        text.get(bytes, end, length);
        end += length;
      }
    }
    return WireRow.of(table, bytes, bounds);
  }

  private @Nullable ByteBuffer text(TableRow row, int index) {
    if (index != masked) {
      return row.textBytes(index);
    }
    String value = row.text(index);
    String replacement = value == null ? null : mask.apply(value);
    return replacement == null
        ? null
        : ByteBuffer.wrap(replacement.getBytes(StandardCharsets.UTF_8));
  }

  private static int lengthWithoutText(TableRow row, int index) {
    return row.isPresent(index) ? WireRow.NULL : WireRow.ABSENT;
  }
}
