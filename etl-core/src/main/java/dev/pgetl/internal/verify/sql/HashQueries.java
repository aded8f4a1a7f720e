package dev.pgetl.internal.verify.sql;

import dev.pgetl.verify.GroupHash;
import dev.pgetl.verify.KeyHash;
import dev.pgetl.verify.RowHash;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Runs the queries of {@link HashSql}. Stateless. */
public final class HashQueries {
  private static final String PROBE = "pgetl \u00e4\u20ac with more than twelve bytes";

  /** Of an ASCII text, because the encoding of the database may lack other letters. */
  private static final String ASCII_PROBE = "pgetl, with more than twelve bytes";

  /** Makes one object from the current row. */
  private interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private HashQueries() {}

  /**
   * {@return whether the server hashes as {@link RowHash} does}
   *
   * @param encoding the encoding of its database
   */
  public static boolean fits(Connection connection, String encoding) throws SQLException {
    String probe = encoding.equals("UTF8") ? PROBE : ASCII_PROBE;
    String query =
        "SELECT pg_catalog.hashtextextended('" + probe + "' COLLATE pg_catalog.\"C\", 7)";
    return list(connection, query, row -> row.getLong(1)).get(0) == RowHash.of(probe, 7);
  }

  /** {@return the groups that a query of {@link HashSql#groups} finds} */
  public static List<GroupHash> groups(Connection connection, String query) throws SQLException {
    return list(
        connection, query, row -> new GroupHash(row.getInt(1), row.getLong(2), sum(row, 3)));
  }

  /** {@return the keys that a query of {@link HashSql#keys} finds} */
  public static List<KeyHash> keys(Connection connection, String query) throws SQLException {
    return list(
        connection,
        query,
        row ->
            new KeyHash(
                List.of((String[]) row.getArray(1).getArray()),
                row.getLong(2),
                sum(row, 3),
                sum(row, 4),
                row.getBoolean(5)));
  }

  private static long sum(ResultSet row, int column) throws SQLException {
    return new BigInteger(row.getString(column)).longValue();
  }

  private static <T> List<T> list(Connection connection, String query, Row<T> reader)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      try (ResultSet rows = statement.executeQuery(query)) {
        List<T> found = new ArrayList<>();
        while (rows.next()) {
          found.add(reader.read(rows));
        }
        return found;
      }
    }
  }
}
