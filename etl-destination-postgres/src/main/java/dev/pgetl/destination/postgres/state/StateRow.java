package dev.pgetl.destination.postgres.state;

import dev.pgetl.destination.postgres.table.SourceColumn;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of the state.
 *
 * @param epoch the process that may write the table
 * @param state what is remembered of it
 */
record StateRow(long epoch, TableState state) {
  static final String SELECT =
      "select epoch, source_oid, schema_name, table_name, last_commit::text, last_ordinal,"
          + " column_names, column_numbers, column_types, copied,"
          + " aside_table, aside_version::text, replaced_version::text from %s";

  static final String UPDATE =
      "update %s set schema_name = ?, table_name = ?, last_commit = ?::pg_lsn, last_ordinal = ?,"
          + " column_names = ?::text[], column_numbers = ?::int[], column_types = ?::text[],"
          + " copied = ?, aside_table = ?::text, aside_version = ?::pg_lsn,"
          + " replaced_version = ?::pg_lsn where pipeline = ? and source_oid = ?";

  static StateRow read(ResultSet row) throws SQLException {
    TableName target = new TableName(row.getString(3), row.getString(4));
    EventSequence last = new EventSequence(Lsn.parse(row.getString(5)), row.getLong(6));
    String aside = row.getString(11);
    Lsn version = lsn(row.getString(12));
    TableState state =
        new TableState(
            new TableId(row.getLong(2)),
            target,
            last,
            columns(row),
            row.getLong(10),
            aside == null || version == null
                ? null
                : new TableState.Aside(new TableName(target.schema(), aside), version),
            lsn(row.getString(13)));
    return new StateRow(row.getLong(1), state);
  }

  private static @Nullable Lsn lsn(@Nullable String text) {
    return text == null ? null : Lsn.parse(text);
  }

  private static List<SourceColumn> columns(ResultSet row) throws SQLException {
    Object[] names = elements(row, 7);
    Object[] numbers = elements(row, 8);
    Object[] types = elements(row, 9);
    List<SourceColumn> columns = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      columns.add(new SourceColumn((String) names[i], (Integer) numbers[i], (String) types[i]));
    }
    return columns;
  }

  private static Object[] elements(ResultSet row, int column) throws SQLException {
    return (Object[]) Objects.requireNonNull(row.getArray(column)).getArray();
  }
}
