package dev.pgetl.testkit.postgres;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A database of a test's own. Closing it ends all sessions in it, drops its replication slots and
 * prepared transactions, and drops the database.
 *
 * <p>Thread-safe; every call uses a connection of its own.
 */
public final class TestDatabase implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final TestPostgres server;
  private final ServerAddress address;
  private final String name;
  private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();

  TestDatabase(TestPostgres server, ServerAddress address, String name) {
    this.server = server;
    this.address = address;
    this.name = name;
  }

  /** {@return the database's name} */
  public String name() {
    return name;
  }

  /** {@return the server it lies in} */
  public TestPostgres server() {
    return server;
  }

  /** {@return the JDBC URL, without user and password} */
  public String jdbcUrl() {
    return address.jdbcUrl(name);
  }

  /** {@return how a pipeline connects to it, as the superuser} */
  public PgConnectionConfig connectionConfig() {
    return connection().build();
  }

  /**
   * {@return a builder of {@link #connectionConfig()}, to change the role, the port of a proxy or a
   * timeout}
   */
  public PgConnectionConfig.Builder connection() {
    return PgConnectionConfig.builder(address.host(), name, server.username())
        .port(address.port())
        .password(server.password().reveal());
  }

  /**
   * {@return a new JDBC connection of the superuser; the caller closes it}
   *
   * @throws SQLException if the server refuses
   */
  public Connection connect() throws SQLException {
    return address.connect(name);
  }

  /**
   * Runs a script. Each statement is a transaction of its own, unless the script says {@code
   * begin}; a transaction still open at its end is rolled back.
   *
   * @param script statements separated by semicolons
   */
  public void execute(String script) {
    withConnection(
        script,
        statement -> {
          for (String sql : SqlScript.statements(script)) {
            statement.execute(sql);
          }
          return List.of();
        });
  }

  /**
   * {@return the rows of a query; each value is the text the server sent, null for a null} Time
   * zone is UTC.
   *
   * @param sql one query
   */
  public List<List<@Nullable String>> query(String sql) {
    return withConnection(
        sql,
        statement -> {
          try (ResultSet result = statement.executeQuery(sql)) {
            return rows(result);
          }
        });
  }

  /**
   * {@return the names of the columns that a query gives}
   *
   * @param sql one query
   */
  public List<String> columnNames(String sql) {
    return withConnection(
        sql,
        statement -> {
          try (ResultSet result = statement.executeQuery("select * from (" + sql + ") q limit 0")) {
            ResultSetMetaData columns = result.getMetaData();
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
              names.add(columns.getColumnName(i));
            }
            return names;
          }
        });
  }

  /**
   * {@return the only value of a query that gives one row}
   *
   * @param sql one query
   */
  public String value(String sql) {
    List<List<@Nullable String>> rows = query(sql);
    if (rows.size() != 1) {
      throw new IllegalStateException("expected one row, got " + rows.size() + ": " + sql);
    }
    return Objects.requireNonNull(rows.get(0).get(0), "the value is null");
  }

  /**
   * {@return the position up to which the server's WAL is on disk: everything committed so far lies
   * before it} What was inserted behind it is not sent to any reader until something is committed,
   * or some seconds have passed.
   */
  public Lsn currentLsn() {
    return Lsn.parse(value("select pg_current_wal_flush_lsn()"));
  }

  /** {@return the replication slots of this database, by name ({@code kit.slots()})} */
  public List<SlotState> slots() {
    return query("select * from kit.slots()").stream().map(SlotState::of).toList();
  }

  /**
   * {@return the state of a slot}
   *
   * @param slotName the slot, which must exist
   */
  public SlotState slot(String slotName) {
    return slots().stream()
        .filter(slot -> slot.name().equals(slotName))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("there is no slot " + slotName));
  }

  /**
   * Ends the server process that streams from a slot ({@code kit.kill_walsender}).
   *
   * @param slotName the slot
   * @return whether there was one
   */
  public boolean killWalSender(String slotName) {
    return query("select kit.kill_walsender('" + slotName + "')").stream()
        .anyMatch(row -> "t".equals(row.get(0)));
  }

  /** Closes the database: ends all sessions in it and drops it. */
  @Override
  public void close() {
    if (server.isRunning()) {
      dropContents();
    }
    for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
      discard(connection);
    }
    if (server.isRunning()) {
      server.execute("drop database if exists " + name + " with (force)");
    }
  }

  /**
   * What forbids dropping a database: slots, and prepared transactions, which only their own
   * database can roll back.
   */
  private void dropContents() {
    for (List<@Nullable String> row :
        query("select gid from pg_prepared_xacts where database = current_database()")) {
      execute("rollback prepared '" + Objects.requireNonNull(row.get(0)).replace("'", "''") + "'");
    }
    Awaitility.await("slots of " + name + " are dropped")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> slots().stream().allMatch(this::dropSlot));
  }

  private boolean dropSlot(SlotState slot) {
    killWalSender(slot.name());
    query(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
            + " where active_pid is null and slot_name = '%s'".formatted(slot.name()));
    return slots().stream().noneMatch(other -> other.name().equals(slot.name()));
  }

  private <T> T withConnection(String sql, Work<T> work) {
    try {
      Connection connection = take();
      try (Statement statement = connection.createStatement()) {
        T result = work.run(statement);
        statement.execute("rollback");
        statement.execute("discard all");
        idle.push(connection);
        return result;
      } catch (SQLException | RuntimeException e) {
        discard(connection);
        throw e;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("run in database " + name + ": " + sql, e);
    }
  }

  private Connection take() throws SQLException {
    Connection connection = idle.poll();
    while (connection != null && !connection.isValid(5)) {
      discard(connection);
      connection = idle.poll();
    }
    Connection taken = connection == null ? connect() : connection;
    try (Statement statement = taken.createStatement()) {
      statement.execute("set timezone = 'UTC'");
    }
    return taken;
  }

  private static void discard(Connection connection) {
    try {
      connection.close();
    } catch (SQLException ignored) {
      // It is gone.
    }
  }

  private static List<List<@Nullable String>> rows(ResultSet result) throws SQLException {
    int columns = result.getMetaData().getColumnCount();
    List<List<@Nullable String>> rows = new ArrayList<>();
    while (result.next()) {
      List<@Nullable String> row = new ArrayList<>(columns);
      for (int i = 1; i <= columns; i++) {
        row.add(result.getString(i));
      }
      rows.add(row);
    }
    return rows;
  }

  /** Something done with a statement. */
  private interface Work<T> {
    T run(Statement statement) throws SQLException;
  }
}
