package dev.pgetl.internal.row;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.RowFactory;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.codec.ValueCodecs;
import dev.pgetl.internal.value.text.Utf8;
import dev.pgetl.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** Makes rows of Java values by rendering them as text. */
public final class TextRowFactory implements RowFactory {
  @Override
  public TableRow row(TableSchema table, @Nullable Object[] values) {
    if (values.length != table.columnCount()) {
      throw new IllegalArgumentException(
          values.length + " values for the " + table.columnCount() + " columns of " + table.name());
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    int[] bounds = new int[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      bounds[2 * i] = text.size();
      if (value == null) {
        bounds[2 * i + 1] = WireRow.NULL;
      } else if (value == TableRow.NOT_SENT) {
        bounds[2 * i + 1] = WireRow.ABSENT;
      } else {
        text.writeBytes(render(table, i, value));
        bounds[2 * i + 1] = text.size() - bounds[2 * i];
      }
    }
    return WireRow.of(table, text.toByteArray(), bounds);
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
}
