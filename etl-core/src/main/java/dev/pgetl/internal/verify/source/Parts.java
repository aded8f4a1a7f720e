package dev.pgetl.internal.verify.source;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableName;
import dev.pgetl.verify.RowPart;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Divides a table into ranges of its key, by a sample of its blocks. Stateless. */
final class Parts {
  private static final long MOST_PARTS = 10_000;

  /** So many rows of the sample lie in a part, so that parts are about equally large. */
  private static final long SAMPLED_ROWS = 50;

  /** A table that was never analyzed has no count of rows; rows have at least 28 bytes. */
  private static final String SIZE =
      """
      SELECT sum(CASE WHEN c.reltuples > 0 AND c.relpages > 0
          THEN c.reltuples / c.relpages * (pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::float8)
          ELSE pg_catalog.pg_relation_size(c.oid) / 64.0 END)::bigint
      FROM pg_catalog.pg_class c
      WHERE c.oid = ?::oid OR c.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(?::oid) WHERE isleaf)""";

  private Parts() {}

  static List<RowPart> of(
      Connection connection, PublishedTable table, ColumnSchema column, long rows)
      throws SQLException {
    long all =
        Sql.first(connection, SIZE, row -> row.getLong(1), table.id().oid(), table.id().oid())
            .orElse(0L);
    int count = (int) Math.min(MOST_PARTS, Math.max(1, all / Math.max(1, rows)));
    List<String> bounds = count == 1 ? List.of() : bounds(connection, table, column, count, all);
    List<RowPart> parts = new ArrayList<>();
    String from = null;
    for (String bound : bounds) {
      parts.add(RowPart.of(new KeyRange(column.name(), from, bound)));
      from = bound;
    }
    parts.add(RowPart.of(new KeyRange(column.name(), from, null)));
    return parts;
  }

  /** Equal bounds are one; the server compares them, which knows when texts are equal. */
  private static List<String> bounds(
      Connection connection, PublishedTable table, ColumnSchema column, int count, long rows)
      throws SQLException {
    String fractions =
        IntStream.range(1, count)
            .mapToObj(i -> String.format(Locale.ROOT, "%.6f", (double) i / count))
            .collect(Collectors.joining(",", "'{", "}'::float8[]"));
    double percent = Math.min(100, 100.0 * SAMPLED_ROWS * count / Math.max(1, rows));
    String name = TableName.quote(column.name());
    String query =
        "SELECT (ARRAY(SELECT DISTINCT k FROM pg_catalog.unnest(s.keys) AS k ORDER BY k))::text[]"
            + " FROM (SELECT percentile_disc("
            + fractions
            + ") WITHIN GROUP (ORDER BY "
            + name
            + ") AS keys FROM "
            + (table.partitioned() ? "" : "ONLY ")
            + table.name().quoted()
            + String.format(Locale.ROOT, " TABLESAMPLE SYSTEM (%.6f) REPEATABLE (1)) s", percent);
    return Sql.first(connection, query, Parts::keys).orElse(List.of());
  }

  private static List<String> keys(ResultSet row) throws SQLException {
    @Nullable Array keys = row.getArray(1);
    return keys == null ? List.of() : List.of((String[]) keys.getArray());
  }
}
