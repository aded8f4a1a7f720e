package dev.pgetl.destination.postgres.sql;

import dev.pgetl.schema.TableSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * A connection to the destination, and what is being done with it. Texts are bound without a type,
 * so the server reads them as it reads a literal. Owned by one thread at a time.
 */
public final class Session {
  /** Makes one object from the current row. */
  @FunctionalInterface
  public interface Row<T> {
    /** {@return the object} */
    T read(ResultSet row) throws SQLException;
  }

  private final Connection connection;
  private final long opened = System.nanoTime();
  private final Set<String> temporaryTables = new HashSet<>();
  private @Nullable TableSchema table;
  private String step = "";
  private final List<Deferred> deferred = new ArrayList<>();

  /** A command that has yet to run, and what it is for. */
  private record Deferred(
      String sql, List<@Nullable Object> arguments, @Nullable TableSchema table, String step) {}

  Session(Connection connection) {
    this.connection = connection;
  }

  Connection connection() {
    return connection;
  }

  boolean isOlderThan(Duration age) {
    return System.nanoTime() - opened > age.toNanos();
  }

  /** Ends the transaction, unless {@link #runAndCommit} has done so. */
  void commit() throws SQLException {
    catchUp();
    connection.commit();
  }

  /** The server's process for this connection. */
  int backend() throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID();
  }

  /**
   * Says what follows, for the message of a failure.
   *
   * @param version the table concerned; null if it is none or several
   * @param what a verb with its object
   */
  public void doing(@Nullable TableSchema version, String what) {
    this.table = version;
    this.step = what;
  }

  @Nullable TableSchema table() {
    return table;
  }

  String step() {
    return step;
  }

  /** {@return whether a temporary table has yet to be created; afterwards it counts as there} */
  public boolean lacks(String temporaryTable) {
    return temporaryTables.add(temporaryTable);
  }

  /** Ends the transaction without effect. The next statement begins another one. */
  public void rollback() throws SQLException {
    deferred.clear();
    connection.rollback();
    temporaryTables.clear();
  }

  /**
   * Runs a command no later than the next one, in the same round trip if that is {@link
   * #runAndCommit} or another deferred one about the same table. For commands whose only answer is
   * that they succeeded.
   */
  public void defer(String sql, @Nullable Object... arguments) throws SQLException {
    if (table != null && !deferred.isEmpty() && !table.equals(deferred.get(0).table())) {
      catchUp();
    }
    deferred.add(new Deferred(sql, Arrays.asList(arguments), table, step));
  }

  /** Runs what was deferred. */
  private void catchUp() throws SQLException {
    if (!deferred.isEmpty()) {
      send("");
    }
  }

  /** Runs a command and ends the transaction, in one round trip. */
  public void runAndCommit(String sql, @Nullable Object... arguments) throws SQLException {
    defer(sql, arguments);
    send("; commit");
  }

  /** A failure counts as one of the first command: the others are about the same table, or none. */
  private void send(String end) throws SQLException {
    TableSchema latestTable = table;
    String latestStep = step;
    doing(deferred.get(0).table(), deferred.get(0).step());
    String sql = deferred.stream().map(Deferred::sql).collect(Collectors.joining("; ")) + end;
    @Nullable Object[] arguments =
        deferred.stream().flatMap(each -> each.arguments().stream()).toArray();
    deferred.clear();
    execute(sql, arguments);
    doing(latestTable, latestStep);
  }

  /**
   * Runs a command.
   *
   * @return how many rows it changed
   */
  public int run(String sql, @Nullable Object... arguments) throws SQLException {
    catchUp();
    return execute(sql, arguments);
  }

  private int execute(String sql, @Nullable Object... arguments) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, arguments);
      return statement.execute() ? 0 : statement.getUpdateCount();
    }
  }

  /**
   * Runs a command, and undoes it if it fails in an expected way.
   *
   * @param expectedStates the SQLSTATEs of such failures
   * @return whether it succeeded
   */
  public boolean attempt(String sql, String... expectedStates) throws SQLException {
    run("savepoint pgetl_attempt");
    try {
      int unused = run(sql);
      return true;
    } catch (SQLException e) {
      if (!Arrays.asList(expectedStates).contains(e.getSQLState())) {
        throw e;
      }
      run("rollback to savepoint pgetl_attempt");
      return false;
    } finally {
      if (!connection.isClosed()) {
        releaseQuietly();
      }
    }
  }

  private void releaseQuietly() {
    try {
      run("release savepoint pgetl_attempt");
    } catch (SQLException ignored) {
      // The transaction failed, and ends.
    }
  }

  /**
   * Runs a command once for each list of values, in one round trip.
   *
   * @return how many rows each has changed
   */
  public int[] runAll(String sql, List<@Nullable String[]> values) throws SQLException {
    catchUp();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (@Nullable String[] each : values) {
        bind(statement, (@Nullable Object[]) each);
        statement.addBatch();
      }
      return statement.executeBatch();
    }
  }

  /** {@return the object of the first row, if there is one} */
  public <T> Optional<T> one(Row<T> reader, String sql, @Nullable Object... arguments)
      throws SQLException {
    List<T> all = all(reader, sql, arguments);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(0));
  }

  /** {@return the objects of all rows} */
  public <T> List<T> all(Row<T> reader, String sql, @Nullable Object... arguments)
      throws SQLException {
    catchUp();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, arguments);
      try (ResultSet rows = statement.executeQuery()) {
        List<T> all = new ArrayList<>();
        while (rows.next()) {
          all.add(reader.read(rows));
        }
        return all;
      }
    }
  }

  /** Begins a {@code COPY … FROM STDIN}. */
  CopyIn copyIn(String sql) throws SQLException {
    catchUp();
    return connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
  }

  private static void bind(PreparedStatement statement, @Nullable Object... arguments)
      throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      Object argument = arguments[i];
      if (argument instanceof String text) {
        statement.setString(i + 1, text);
      } else if (argument == null) {
        statement.setNull(i + 1, Types.OTHER);
      } else {
        statement.setObject(i + 1, argument);
      }
    }
  }
}
