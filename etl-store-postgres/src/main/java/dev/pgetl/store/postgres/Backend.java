package dev.pgetl.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/**
 * The server process behind a connection, which holds the connection's locks. A pooler between may
 * hand each transaction to another one; then a lock protects nothing.
 *
 * @param pid its process id
 * @param start when it began, in microseconds
 */
record Backend(int pid, long start) {
  private static final String START = "(extract(epoch from backend_start) * 1000000)::bigint";

  /** The process that answers, if it is the one that the server announced when it was connected. */
  static Backend of(Connection connection) throws SQLException {
    int announced = connection.unwrap(PGConnection.class).getBackendPID();
    Backend answering =
        Sql.one(
                connection,
                row -> new Backend(row.getInt(1), row.getLong(2)),
                "select pid, " + START + " from pg_stat_activity where pid = pg_backend_pid()")
            .orElseThrow(() -> new SQLException("pg_stat_activity lacks the own session"));
    if (answering.pid != announced) {
      throw StoreFailures.pooled(
          "use the connection that was made to server process %d: process %d answers"
              .formatted(announced, answering.pid),
          null);
    }
    return answering;
  }

  /** Ends a process that may still hold the lock for an abandoned connection. */
  void end(Connection other) throws SQLException {
    Sql.one(
        other,
        row -> true,
        "select pg_terminate_backend(pid) from pg_stat_activity where pid = ? and "
            + START
            + " = ?",
        pid,
        start);
  }

  /**
   * A number in SQL, which any other server process refuses to compute ({@link
   * StoreFailures#OTHER_BACKEND}): proof in every statement that it runs where the lock is.
   */
  String only(int number) {
    return "(%d / (pg_backend_pid() = %d)::int)".formatted(number, pid);
  }
}
