package dev.pgetl.it.ddl;

import dev.pgetl.config.PgConnectionConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** One of the two databases, by plain SQL. Not thread-safe. */
final class Side implements AutoCloseable {
  private final PgConnectionConfig address;
  private final String database;
  private final Connection connection;

  /** Creates a database. */
  Side(PgConnectionConfig server, String database) throws SQLException {
    this.address = server;
    this.database = database;
    try (Connection maintenance = open("postgres");
        Statement statement = maintenance.createStatement()) {
      boolean unused =
          statement.execute(
              "create database " + database + " template template0 encoding 'UTF8' locale 'C'");
    }
    connection = open(database);
    run("set timezone = 'UTC'");
  }

  private Connection open(String name) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", address.username());
    properties.setProperty("password", address.password().reveal());
    properties.setProperty("sslmode", "disable");
    properties.setProperty("prepareThreshold", "0");
    properties.setProperty("preferQueryMode", "simple");
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d/%s".formatted(address.host(), address.port(), name), properties);
  }

  /** {@return how a pipeline connects to it} */
  PgConnectionConfig config() {
    return PgConnectionConfig.builder(address.host(), database, address.username())
        .port(address.port())
        .password(address.password().reveal())
        .build();
  }

  /** Runs statements, in one transaction unless they say otherwise. */
  void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean unused = statement.execute(sql);
    } catch (SQLException e) {
      try (Statement statement = connection.createStatement()) {
        boolean unused = statement.execute("rollback");
      }
      throw e;
    }
  }

  /** {@return the rows of a query as texts} */
  List<List<@Nullable String>> query(String sql) throws SQLException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(result.getString(i));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  /** {@return the first column of a query} */
  List<String> texts(String sql) throws SQLException {
    return query(sql).stream().map(row -> String.valueOf(row.get(0))).toList();
  }

  /** {@return a name as SQL has it} */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** {@return a text as SQL has it} */
  static String literal(String text) {
    return text.indexOf('\\') < 0
        ? "'" + text.replace("'", "''") + "'"
        : "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    try (Connection maintenance = open("postgres");
        Statement statement = maintenance.createStatement()) {
      boolean unused =
          statement.execute(
              String.format(Locale.ROOT, "drop database if exists %s with (force)", database));
    }
  }
}
