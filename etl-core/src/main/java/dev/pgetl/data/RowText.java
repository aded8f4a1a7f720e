package dev.pgetl.data;

import dev.pgetl.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** Java values rendered as the text of a row. */
final class RowText {
  /** What {@link TableRow#NOT_SENT} is. */
  enum Absent {
    ABSENT
  }

  private final byte[] bytes;
  private final int[] bounds;

  RowText(TableSchema table, @Nullable Object[] values) {
    if (values.length != table.columnCount()) {
      throw new IllegalArgumentException(
          values.length + " values for the " + table.columnCount() + " columns of " + table.name());
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    bounds = new int[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      bounds[2 * i] = text.size();
      if (value == null) {
        bounds[2 * i + 1] = TableRow.NULL;
      } else if (value == TableRow.NOT_SENT) {
        bounds[2 * i + 1] = TableRow.ABSENT;
      } else {
        text.writeBytes(render(table, i, value));
        bounds[2 * i + 1] = text.size() - bounds[2 * i];
      }
    }
    bytes = text.toByteArray();
  }

  /** Renders a value, and reads it back to be sure that a row can. */
  private static byte[] render(TableSchema table, int index, Object value) {
    ValueCodec codec = ValueCodecs.of(table.column(index).type());
    try {
      StringBuilder text = new StringBuilder();
      codec.encode(value, text);
      byte[] rendered = Utf8.encode(text);
      codec.decode(rendered, 0, rendered.length);
      return rendered;
    } catch (IllegalArgumentException e) {
      throw unsuitable(table, index, String.valueOf(e.getMessage()));
    } catch (MalformedValueException e) {
      throw unsuitable(table, index, "expected " + e.expected());
    }
  }

  private static IllegalArgumentException unsuitable(TableSchema table, int index, String why) {
    return new IllegalArgumentException(
        "no value of " + RowErrors.describe(table, index) + ": " + why);
  }

  byte[] bytes() {
    return bytes;
  }

  int[] bounds() {
    return bounds;
  }
}
