package dev.pgetl.it.sim;

import static org.awaitility.Awaitility.await;

import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.postgresql.PGConnection;

/** Sessions and slots of a script on a real server. Used by one thread. */
final class RealServer implements AutoCloseable {
  /** Long enough for a statement that succeeds, short for one that is known to wait in vain. */
  private static final Map<Boolean, String> LOCK_TIMEOUT = Map.of(true, "20s", false, "20ms");

  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String CHANGES =
      """
      select data from pg_logical_slot_peek_binary_changes(
        ?, null, null, 'proto_version', '1', 'publication_names', ?)
      """;
  private static final String CONFIRM =
      """
      select count(*) from pg_logical_slot_get_binary_changes(
        ?, ?::pg_lsn, null, 'proto_version', '1', 'publication_names', ?)
      """;
  private static final String WAITING =
      """
      select count(*) from pg_locks
      where pid = ? and locktype = 'transactionid' and not granted
      """;

  /** A slot that is created by a thread of its own. */
  private record Creation(int pid, CompletableFuture<Void> created) {}

  private final TestDatabase database;
  private final String publication;
  private final Connection reader;
  private final Map<Integer, Connection> sessions = new HashMap<>();
  private final Map<String, Creation> creations = new TreeMap<>();
  private final List<Connection> creators = new ArrayList<>();

  RealServer(TestDatabase database, String publication) throws SQLException {
    this.database = database;
    this.publication = publication;
    this.reader = database.connect();
  }

  /** {@return whether it succeeds; if not, it waited for a lock, and the session rolled back} */
  boolean execute(int session, String sql, boolean expected) throws SQLException {
    Connection connection = session(session);
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local lock_timeout = '" + LOCK_TIMEOUT.get(expected) + "'; " + sql);
      return true;
    } catch (SQLException e) {
      if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw e;
      }
      connection.rollback();
      return false;
    }
  }

  private Connection session(int number) throws SQLException {
    Connection connection = sessions.get(number);
    if (connection == null) {
      connection = database.connect();
      connection.setAutoCommit(false);
      sessions.put(number, connection);
    }
    return connection;
  }

  void end(int session, boolean commit) throws SQLException {
    if (commit) {
      session(session).commit();
    } else {
      session(session).rollback();
    }
  }

  void createSlot(String slot) throws SQLException {
    Connection connection = database.connect();
    creators.add(connection);
    int pid = connection.unwrap(PGConnection.class).getBackendPID();
    String sql = "select pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot);
    creations.put(slot, new Creation(pid, CompletableFuture.runAsync(() -> run(connection, sql))));
  }

  private static void run(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** {@return the slots that are created, once all others wait for a transaction} */
  List<String> slotsReady() {
    TreeSet<String> ready = new TreeSet<>();
    creations.forEach(
        (slot, creation) -> {
          await()
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(2))
              .atMost(Scenario.PATIENCE)
              .until(() -> creation.created().isDone() || isWaiting(creation.pid()));
          if (creation.created().isDone()) {
            creation.created().join();
            ready.add(slot);
          }
        });
    return List.copyOf(ready);
  }

  private boolean isWaiting(int pid) throws SQLException {
    try (PreparedStatement query = reader.prepareStatement(WAITING)) {
      query.setInt(1, pid);
      try (ResultSet result = query.executeQuery()) {
        return result.next() && result.getInt(1) > 0;
      }
    }
  }

  /** {@return the messages that a new session gets from a slot} */
  List<byte[]> read(String slot) throws SQLException {
    List<byte[]> messages = new ArrayList<>();
    try (PreparedStatement query = reader.prepareStatement(CHANGES)) {
      query.setString(1, slot);
      query.setString(2, publication);
      try (ResultSet result = query.executeQuery()) {
        while (result.next()) {
          messages.add(result.getBytes(1));
        }
      }
    }
    return messages;
  }

  /** Confirms what comes before a position, having read it once more. */
  void confirm(String slot, long position) throws SQLException {
    try (PreparedStatement query = reader.prepareStatement(CONFIRM)) {
      query.setString(1, slot);
      query.setString(2, new Lsn(position).toString());
      query.setString(3, publication);
      query.execute();
    }
  }

  @Override
  public void close() throws SQLException {
    for (Connection connection : sessions.values()) {
      connection.close();
    }
    for (Connection connection : creators) {
      connection.close();
    }
    reader.close();
  }
}
