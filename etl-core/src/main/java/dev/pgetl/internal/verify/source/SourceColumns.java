package dev.pgetl.internal.verify.source;

import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.verify.sql.HashedColumn;
import dev.pgetl.schema.TableId;
import dev.pgetl.verify.VerifiedShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The columns of a published table as they are hashed. */
final class SourceColumns {
  private static final String TYPES =
      """
      SELECT a.attname, pg_catalog.format_type(a.atttypid, -1), pg_catalog.format_type(a.atttypid, a.atttypmod)
      FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped""";

  /** A type that the source does not have cannot be cast to. */
  private static final String KNOWN =
      "SELECT pg_catalog.to_regtype(pg_catalog.regexp_replace(?, '\\(.*\\)', '')) IS NOT NULL";

  /** A type of a column, and the same with length or precision. */
  private record Type(String name, String full) {}

  private SourceColumns() {}

  static List<HashedColumn> of(Connection connection, VerifiedShape shape, List<String> shownAs)
      throws SQLException {
    Map<String, Type> types = types(connection, shape.version().id());
    List<HashedColumn> columns = new ArrayList<>();
    for (int i = 0; i < shape.version().columnCount(); i++) {
      String name = shape.version().column(i).name();
      Type type = types.getOrDefault(name, new Type("text", "text"));
      String other = shownAs.isEmpty() ? "" : shownAs.get(i);
      boolean cast = !other.isEmpty() && !other.equals(type.full()) && isKnown(connection, other);
      columns.add(new HashedColumn(name, type.name(), type.full(), cast ? other : "", false));
    }
    return columns;
  }

  private static Map<String, Type> types(Connection connection, TableId table) throws SQLException {
    Map<String, Type> types = new HashMap<>();
    List<Type> unused =
        Sql.list(
            connection,
            TYPES,
            row -> types.put(row.getString(1), new Type(row.getString(2), row.getString(3))),
            table.oid());
    return types;
  }

  private static boolean isKnown(Connection connection, String type) throws SQLException {
    return Sql.first(connection, KNOWN, row -> row.getBoolean(1), type).orElse(false);
  }
}
