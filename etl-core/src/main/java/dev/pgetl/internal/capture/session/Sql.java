package dev.pgetl.internal.capture.session;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Small queries. */
public final class Sql {
  /** Makes one object from the current row. */
  @FunctionalInterface
  public interface Row<T> {
    /**
     * {@return the object}
     *
     * @param row stands on the row
     * @throws SQLException if a column cannot be read
     */
    T read(ResultSet row) throws SQLException;
  }

  private Sql() {}

  /**
   * {@return one object per row}
   *
   * @param connection where to ask
   * @param query SQL with a question mark per argument
   * @param reader makes the object
   * @param arguments strings and numbers
   * @throws SQLException if the query fails
   */
  public static <T> List<T> list(
      Connection connection, String query, Row<T> reader, Object... arguments) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setObject(i + 1, arguments[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        List<T> found = new ArrayList<>();
        while (rows.next()) {
          found.add(reader.read(rows));
        }
        return found;
      }
    }
  }

  /**
   * {@return the object of the first row, if there is one}
   *
   * @param connection where to ask
   * @param query SQL with a question mark per argument
   * @param reader makes the object
   * @param arguments strings and numbers
   * @throws SQLException if the query fails
   */
  public static <T> Optional<T> first(
      Connection connection, String query, Row<T> reader, Object... arguments) throws SQLException {
    return list(connection, query, reader, arguments).stream().findFirst();
  }

  /**
   * Runs a command.
   *
   * @param connection where
   * @param command SQL, or a replication command
   * @throws SQLException if it fails
   */
  public static void run(Connection connection, String command) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(command);
    }
  }

  /** {@return the text as an SQL literal} */
  public static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
