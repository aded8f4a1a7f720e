package dev.pgetl.store.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Small statements. */
final class Sql {
  /** Makes one object from the current row. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Takes the current row. */
  @FunctionalInterface
  interface RowSink {
    void take(ResultSet row) throws SQLException;
  }

  private Sql() {}

  /** The object of the first row, if there is one. */
  static <T> Optional<T> one(
      Connection connection, Row<T> reader, String query, Object... arguments) throws SQLException {
    try (PreparedStatement statement = prepare(connection, query, arguments);
        ResultSet rows = statement.executeQuery()) {
      return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
    }
  }

  static void each(Connection connection, RowSink sink, String query, Object... arguments)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, query, arguments);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        sink.take(rows);
      }
    }
  }

  static void run(Connection connection, String command, Object... arguments) throws SQLException {
    try (PreparedStatement statement = prepare(connection, command, arguments)) {
      statement.executeUpdate();
    }
  }

  /** Runs a command once for each list of arguments, without waiting for an answer in between. */
  static void runAll(Connection connection, String command, List<Object[]> arguments)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(command)) {
      for (Object[] each : arguments) {
        set(statement, each);
        statement.addBatch();
      }
      int[] unused = statement.executeBatch();
    }
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... arguments)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    set(statement, arguments);
    return statement;
  }

  private static void set(PreparedStatement statement, Object... arguments) throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      statement.setObject(i + 1, arguments[i]);
    }
  }
}
