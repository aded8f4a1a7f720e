package dev.pgetl.destination.http.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes rows. Immutable, thread-safe. */
public final class RowJson {
  private final boolean byName;
  private final boolean exactNumbers;

  /**
   * Creates a writer of rows.
   *
   * @param byName whether columns are written by name; otherwise by position
   * @param exactNumbers whether all numbers are JSON numbers
   */
  public RowJson(boolean byName, boolean exactNumbers) {
    this.byName = byName;
    this.exactNumbers = exactNumbers;
  }

  /**
   * Writes a row as an object of its values and the names of absent columns.
   *
   * @param row the row
   * @param json where to
   * @throws IOException if the generator cannot write
   */
  public void write(TableRow row, JsonGenerator json) throws IOException {
    json.writeStartObject();
    writeMembers(row, json);
    json.writeEndObject();
  }

  void writeMembers(TableRow row, JsonGenerator json) throws IOException {
    CellJson cells = new CellJson(json, exactNumbers);
    json.writeFieldName("values");
    if (byName) {
      writeByName(row, json, cells);
    } else {
      writeByPosition(row, json, cells);
    }
    writeAbsent(row, json);
  }

  private static void writeByName(TableRow row, JsonGenerator json, CellJson cells)
      throws IOException {
    json.writeStartObject();
    for (int i = 0; i < row.table().columnCount(); i++) {
      if (row.isPresent(i)) {
        json.writeFieldName(row.table().column(i).name());
        writeCell(row.table(), i, row.textBytes(i), cells);
      }
    }
    json.writeEndObject();
  }

  private static void writeByPosition(TableRow row, JsonGenerator json, CellJson cells)
      throws IOException {
    json.writeStartArray();
    for (int i = 0; i < row.table().columnCount(); i++) {
      if (row.isPresent(i)) {
        writeCell(row.table(), i, row.textBytes(i), cells);
      } else {
        json.writeNull();
      }
    }
    json.writeEndArray();
  }

  /** Writes a value of a column; an exception names the column, and not the value. */
  static void writeCell(TableSchema table, int index, @Nullable ByteBuffer text, CellJson cells)
      throws IOException {
    ColumnSchema column = table.column(index);
    try {
      cells.write(column.type(), text);
    } catch (EtlException e) {
      throw new EtlException(
              e.kind(),
              "write column " + column.name() + " of table " + table.name() + " as JSON",
              e)
          .withFix(e.fix())
          .withTable(table.id().oid());
    }
  }

  private static void writeAbsent(TableRow row, JsonGenerator json) throws IOException {
    boolean any = false;
    for (int i = 0; i < row.table().columnCount(); i++) {
      if (!row.isPresent(i)) {
        if (!any) {
          json.writeArrayFieldStart("absent");
          any = true;
        }
        json.writeString(row.table().column(i).name());
      }
    }
    if (any) {
      json.writeEndArray();
    }
  }
}
