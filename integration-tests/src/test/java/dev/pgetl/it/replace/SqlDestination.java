package dev.pgetl.it.replace;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each table of the source as a table of its name, in a database of Postgres. The rows of a
 * copy go to a second table, which takes the place of the first one in the end. Thread-safe: every
 * call is a transaction of its own connection.
 */
final class SqlDestination implements Destination {
  private static final String STATE =
      """
      create table if not exists pipeline_tables (
        id bigint primary key, name text not null,
        next_name text, next_version text,
        last_commit bigint not null default -1, last_ordinal bigint not null default -1)
      """;

  private final Connections connections;
  private final boolean replaces;

  /** Opens connections to the database. */
  interface Connections {
    Connection open() throws SQLException;
  }

  /** What is done in a transaction. */
  private interface Work<T> {
    T run(Statements sql) throws SQLException;
  }

  /**
   * Creates a destination.
   *
   * @param replaces whether it keeps the rows of a copy aside until it is complete
   */
  SqlDestination(Connections connections, boolean replaces) {
    this.connections = connections;
    this.replaces = replaces;
  }

  /** The statements of one transaction. */
  private record Statements(Connection connection) {
    void run(String sql, @Nullable Object... values) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        bind(statement, values);
        boolean unused = statement.execute();
      }
    }

    /** {@return the first row, as texts; null if there is none} */
    @Nullable List<@Nullable String> row(String sql, Object... values) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        bind(statement, values);
        ResultSet result = statement.executeQuery();
        if (!result.next()) {
          return null;
        }
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(result.getString(i));
        }
        return row;
      }
    }

    private static void bind(PreparedStatement statement, @Nullable Object... values)
        throws SQLException {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
    }
  }

  private <T> T inTransaction(String what, Work<T> work) {
    try (Connection connection = connections.open()) {
      connection.setAutoCommit(false);
      T result = work.run(new Statements(connection));
      connection.commit();
      return result;
    } catch (SQLException e) {
      throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, what + " failed", e);
    }
  }

  private void run(String what, Work<?> work) {
    Object unused = inTransaction(what, work);
  }

  @Override
  public void startup() {
    run(
        "startup",
        sql -> {
          sql.run(STATE);
          return true;
        });
  }

  // ---- copies ----

  @Override
  public void truncateTable(TableSchema table) {
    truncateTable(table, table);
  }

  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema next) {
    run(
        "truncate " + next.name(),
        sql -> {
          drop(sql, next);
          create(sql, next);
          return true;
        });
  }

  private static void drop(Statements sql, TableSchema table) throws SQLException {
    List<@Nullable String> names =
        sql.row("delete from pipeline_tables where id = ? returning name, next_name", oid(table));
    for (String name : names == null ? List.<@Nullable String>of() : names) {
      if (name != null) {
        sql.run("drop table if exists " + quoted(name));
      }
    }
  }

  private static void create(Statements sql, TableSchema table) throws SQLException {
    sql.run("create table " + named(table) + definition(table));
    sql.run(
        "insert into pipeline_tables (id, name) values (?, ?)", oid(table), table.name().name());
  }

  private static String definition(TableSchema table) {
    return table.columns().stream()
        .map(SqlDestination::definition)
        .collect(
            Collectors.joining(", ", " (", ", primary key (" + names(table.primaryKey()) + "))"));
  }

  private static String definition(ColumnSchema column) {
    return quoted(column.name()) + " " + column.type().name();
  }

  /** There is nothing to keep of a table that this destination does not have. */
  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    String aside = next.name().name() + "_next";
    return inTransaction(
        "begin to replace " + next.name(),
        sql -> {
          List<@Nullable String> known =
              sql.row("select next_name from pipeline_tables where id = ? for update", oid(next));
          if (known == null || !replaces) {
            return false;
          }
          String discarded = known.get(0);
          if (discarded != null) {
            sql.run("drop table " + quoted(discarded));
          }
          sql.run("create table " + quoted(aside) + definition(next));
          sql.run(
              "update pipeline_tables set next_name = ?, next_version = ? where id = ?",
              aside,
              version(next),
              oid(next));
          return true;
        });
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return replaces
        && inTransaction("continue to replace " + next.name(), sql -> aside(sql, next) != null);
  }

  private static @Nullable String aside(Statements sql, TableSchema version) throws SQLException {
    List<@Nullable String> aside =
        sql.row(
            "select next_name from pipeline_tables where id = ? and next_version = ?",
            oid(version),
            version(version));
    return aside == null ? null : aside.get(0);
  }

  @Override
  public void tableCopied(TableSchema table) {
    run(
        "complete " + table.name(),
        sql -> {
          String aside = aside(sql, table);
          if (aside != null) {
            sql.run("update pipeline_tables set next_name = null where id = ?", oid(table));
            drop(sql, table);
            sql.run("alter table %s rename to %s".formatted(quoted(aside), named(table)));
            sql.run(
                "insert into pipeline_tables (id, name) values (?, ?)",
                oid(table),
                table.name().name());
          }
          return true;
        });
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    ColumnSchema column = table.column(table.indexOf(range.column()));
    String at = quoted(column.name());
    String bound = "?::" + column.type().name();
    return inTransaction(
        "remove a range of " + table.name(),
        sql -> {
          sql.run(
              "delete from %s where (?::text is null or %s >= %s) and (?::text is null or %s < %s)"
                  .formatted(quoted(written(sql, table)), at, bound, at, bound),
              range.from(),
              range.from(),
              range.to(),
              range.to());
          return true;
        });
  }

  /** {@return the name of the table that a copy of a version writes} */
  private static String written(Statements sql, TableSchema version) throws SQLException {
    String aside = aside(sql, version);
    return aside == null ? visible(sql, version) : aside;
  }

  private static String visible(Statements sql, TableSchema table) throws SQLException {
    List<@Nullable String> known =
        sql.row("select name from pipeline_tables where id = ?", oid(table));
    if (known != null) {
      return String.valueOf(known.get(0));
    }
    create(sql, table);
    return table.name().name();
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    return inTransaction(
        "write rows of " + table.name(),
        sql -> {
          String name = written(sql, table);
          String values =
              table.columns().stream()
                  .map(column -> "?::" + column.type().name())
                  .collect(Collectors.joining(", "));
          String insert = "insert into " + quoted(name) + " values (" + values + ")";
          try (PreparedStatement statement = sql.connection().prepareStatement(insert)) {
            for (TableRow row : rows) {
              for (int i = 0; i < table.columnCount(); i++) {
                statement.setString(i + 1, row.text(i));
              }
              statement.addBatch();
            }
            int[] unused = statement.executeBatch();
          }
          return WriteResult.DURABLE;
        });
  }

  // ---- events ----

  @Override
  public WriteResult writeEvents(List<Event> events) {
    return inTransaction(
        "write events",
        sql -> {
          for (Event event : events) {
            if (event instanceof Event.OfTable change) {
              apply(sql, change.table(), event);
            } else if (event instanceof Event.Truncate truncate) {
              for (TableSchema table : truncate.tables()) {
                apply(sql, table, event);
              }
            }
          }
          return WriteResult.DURABLE;
        });
  }

  private static void apply(Statements sql, TableSchema table, Event event) throws SQLException {
    String name = quoted(visible(sql, table));
    if (!isNew(sql, table, event)) {
      return;
    }
    if (event instanceof Event.Insert insert) {
      insert(sql, name, insert.row());
    } else if (event instanceof Event.Update update) {
      update(sql, name, update);
    } else if (event instanceof Event.Delete delete) {
      deleteRow(sql, name, delete.oldRow().row());
    } else if (event instanceof Event.Truncate) {
      sql.run("truncate " + name);
    } else if (event instanceof Event.Relation) {
      for (ColumnSchema column : table.columns()) {
        sql.run("alter table " + name + " add column if not exists " + definition(column));
      }
    }
  }

  private static boolean isNew(Statements sql, TableSchema table, Event event) throws SQLException {
    long commit = event.sequence().commitLsn().value();
    long ordinal = event.sequence().txOrdinal();
    return sql.row(
            """
            update pipeline_tables set last_commit = ?, last_ordinal = ?
            where id = ? and (last_commit, last_ordinal) < (?, ?) returning id
            """,
            commit,
            ordinal,
            oid(table),
            commit,
            ordinal)
        != null;
  }

  private static void insert(Statements sql, String name, TableRow row) throws SQLException {
    List<ColumnSchema> sent = sent(row);
    sql.run(
        "insert into %s (%s) values (%s)".formatted(name, names(sent), bounds(sent)),
        texts(row, sent));
  }

  private static void update(Statements sql, String name, Event.Update update) throws SQLException {
    TableRow before = update.oldRow() == null ? update.row() : update.oldRow().row();
    List<ColumnSchema> sent = sent(update.row());
    List<ColumnSchema> key = update.table().primaryKey();
    List<@Nullable Object> values = new ArrayList<>(Arrays.asList(texts(update.row(), sent)));
    values.addAll(Arrays.asList(texts(before, key)));
    sql.run(
        "update %s set (%s) = row (%s) where row (%s) = row (%s)"
            .formatted(name, names(sent), bounds(sent), names(key), bounds(key)),
        values.toArray());
  }

  private static void deleteRow(Statements sql, String name, TableRow old) throws SQLException {
    List<ColumnSchema> key = old.table().primaryKey();
    sql.run(
        "delete from %s where row (%s) = row (%s)".formatted(name, names(key), bounds(key)),
        texts(old, key));
  }

  private static List<ColumnSchema> sent(TableRow row) {
    return row.table().columns().stream()
        .filter(column -> row.isPresent(row.table().indexOf(column.name())))
        .toList();
  }

  private static @Nullable Object[] texts(TableRow row, List<ColumnSchema> columns) {
    return columns.stream().map(column -> row.text(column.name())).toArray();
  }

  // ---- SQL ----

  private static String bounds(List<ColumnSchema> columns) {
    return columns.stream()
        .map(column -> "?::" + column.type().name())
        .collect(Collectors.joining(", "));
  }

  private static String names(List<ColumnSchema> columns) {
    return columns.stream().map(column -> quoted(column.name())).collect(Collectors.joining(", "));
  }

  private static String named(TableSchema table) {
    return quoted(table.name().name());
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static long oid(TableSchema table) {
    return table.id().oid();
  }

  private static String version(TableSchema table) {
    return table.snapshotLsn().toString();
  }
}
