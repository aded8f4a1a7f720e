package dev.pgetl.destination.http.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;

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
        writeCell(row, i, cells);
      }
    }
    json.writeEndObject();
  }

  private static void writeByPosition(TableRow row, JsonGenerator json, CellJson cells)
      throws IOException {
    json.writeStartArray();
    for (int i = 0; i < row.table().columnCount(); i++) {
      if (row.isPresent(i)) {
        writeCell(row, i, cells);
      } else {
        json.writeNull();
      }
    }
    json.writeEndArray();
  }

  private static void writeCell(TableRow row, int index, CellJson cells) throws IOException {
    ColumnSchema column = row.table().column(index);
    try {
      cells.write(column.type(), row.isPresent(index) ? row.textBytes(index) : null);
    } catch (EtlException e) {
      TableSchema table = row.table();
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
