package dev.pgetl.it.httpwalk;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The database that the walk changes, and what is known of its tables. */
final class Source implements AutoCloseable {
  private final TestDatabase database;
  private final Connection connection;
  private final List<WalkedTable> tables =
      List.of(
          new WalkedTable("wide", Kind.BIGINT, false, List.of(Kind.values())),
          new WalkedTable("whole", Kind.TEXT, true, List.of(Kind.TEXT, Kind.JSON, Kind.CHAR)),
          new WalkedTable(
              "small", Kind.BIGINT, false, List.of(Kind.TEXT, Kind.JSONB, Kind.NUMERIC)));

  Source(TestDatabase database) throws SQLException {
    this.database = database;
    this.connection = database.connect();
    List<String> names = new ArrayList<>();
    for (WalkedTable table : tables) {
      names.add(table.name());
    }
    for (WalkedTable table : tables) {
      execute(table.create());
      table.oid(
          Long.parseLong(database.value("select '" + table.name() + "'::regclass::oid::text")));
    }
    execute("create publication pub for table " + String.join(", ", names));
  }

  List<WalkedTable> tables() {
    return tables;
  }

  TestDatabase database() {
    return database;
  }

  void execute(String sql) throws SQLException {
    if (!sql.isEmpty()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }
  }

  /** {@return the rows of a table by key, each value as JSON} */
  Map<String, Map<String, String>> rows(WalkedTable table, boolean exact) throws SQLException {
    Map<String, Kind> kinds = table.kinds();
    List<String> columns = new ArrayList<>();
    kinds.forEach((column, kind) -> columns.add(kind.read(column)));
    Map<String, Map<String, String>> rows = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "select " + String.join(", ", columns) + " from " + table.name())) {
      while (result.next()) {
        Map<String, String> row = new HashMap<>();
        int at = 0;
        for (Map.Entry<String, Kind> column : kinds.entrySet()) {
          row.put(column.getKey(), column.getValue().json(result.getString(++at), exact));
        }
        rows.put(Objects.requireNonNull(row.get("id")), row);
      }
    }
    return rows;
  }

  /** {@return the columns that a request describes, which the table has or had} */
  List<String> checkDescription(JsonNode description) {
    WalkedTable table = checkName(description);
    List<String> columns = new ArrayList<>();
    List<String> key = new ArrayList<>();
    List<String> identity = new ArrayList<>();
    for (JsonNode column : description.required("columns")) {
      String name = column.required("name").asText();
      columns.add(name);
      if (column.required("primary_key").asInt() > 0) {
        key.add(name);
      }
      if (column.required("identity").asBoolean()) {
        identity.add(name);
      }
    }
    boolean known =
        table.versions().contains(columns)
            && (key.isEmpty() || key.equals(List.of("id")))
            && identity.equals(table.isFull() ? columns : List.of("id"));
    if (!known) {
      throw new Violation("no version of " + table.name() + ": " + description);
    }
    return columns;
  }

  WalkedTable checkName(JsonNode reference) {
    long oid = reference.required("table_id").asLong();
    for (WalkedTable table : tables) {
      if (table.oid() == oid && table.names().contains(reference.required("table").asText())) {
        return table;
      }
    }
    throw new Violation("no such table: " + oid + " " + reference.get("table"));
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    database.close();
  }
}
