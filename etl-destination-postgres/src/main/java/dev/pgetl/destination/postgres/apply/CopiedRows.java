package dev.pgetl.destination.postgres.apply;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.postgres.sql.CopyText;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.table.TargetTable;
import java.sql.SQLException;
import java.util.List;

/** New rows by {@code COPY}. */
public final class CopiedRows {
  private CopiedRows() {}

  /** Writes rows; a value that the source did not send is null. */
  public static void write(Session session, TargetTable table, List<TableRow> rows)
      throws SQLException {
    try (CopyText copy = CopyText.begin(session, Statements.into(table))) {
      for (TableRow row : rows) {
        for (int place : table.written()) {
          CopyText unused = copy.field(row.isPresent(place) ? row.textBytes(place) : null);
        }
        copy.endRow();
      }
      long unused = copy.finish();
    }
  }
}
