package dev.pgetl.destination.http.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes ranges of rows. Immutable, thread-safe. */
public final class RangeJson {
  private final boolean exactNumbers;

  /**
   * Creates a writer of ranges.
   *
   * @param exactNumbers whether all numbers are JSON numbers
   */
  public RangeJson(boolean exactNumbers) {
    this.exactNumbers = exactNumbers;
  }

  /**
   * Writes a range as an object of its column and its bounds, as rows have them.
   *
   * @param table the version that has the column
   * @param range the range
   * @param json where to
   * @throws IOException if the generator cannot write
   * @throws IllegalArgumentException if the table has no such column
   */
  public void write(TableSchema table, KeyRange range, JsonGenerator json) throws IOException {
    int index = table.indexOf(range.column());
    if (index < 0) {
      throw new IllegalArgumentException(
          "table " + table.name() + " has no column " + range.column());
    }
    CellJson cells = new CellJson(json, exactNumbers);
    json.writeStartObject();
    json.writeStringField("column", range.column());
    json.writeFieldName("from");
    RowJson.writeCell(table, index, bytes(range.from()), cells);
    json.writeFieldName("to");
    RowJson.writeCell(table, index, bytes(range.to()), cells);
    json.writeEndObject();
  }

  private static @Nullable ByteBuffer bytes(@Nullable String text) {
    return text == null ? null : ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
