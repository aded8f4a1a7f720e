package dev.pgetl.internal.capture.session;

import dev.pgetl.error.EtlException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/**
 * The advisory lock of a pipeline on one connection, <a
 * href="https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS">held until
 * the session ends</a>. The lock belongs to a database, as the pipeline's slots do.
 */
record AdvisoryLock(Connection connection, int pid, long key) implements Ownership.SessionLock {
  private static final String HOLDERS =
      """
      SELECT l.pid, coalesce(a.backend_start::text, ''),
        'server process ' || l.pid || coalesce(' (' || a.application_name || ')', '')
          || coalesce(' from ' || host(a.client_addr), '')
      FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32) | l.objid::bigint = ?::bigint""";

  private static final String END =
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE pid = ? AND backend_start::text = ?""";

  /** {@return the lock of a pipeline} */
  static AdvisoryLock of(Connection connection, int pid, String pipelineId) {
    return new AdvisoryLock(connection, pid, key("pgetl/" + pipelineId));
  }

  private static long key(String name) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  @Override
  public boolean tryExclusive() {
    return call("pg_try_advisory_lock");
  }

  @Override
  public void releaseExclusive() {
    boolean unused = call("pg_advisory_unlock");
  }

  @Override
  public boolean tryShared() {
    return call("pg_try_advisory_lock_shared");
  }

  @Override
  public void releaseShared() {
    boolean unused = call("pg_advisory_unlock_shared");
  }

  private boolean call(String function) {
    try {
      return Sql.first(connection, "SELECT " + function + "(" + key + ")", row -> row.getBoolean(1))
          .orElse(false);
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  @Override
  public Collection<Ownership.Holder> holders() {
    try {
      return Sql.list(
          connection,
          HOLDERS,
          row -> new Ownership.Holder(row.getInt(1), row.getString(2), row.getString(3)),
          key);
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  @Override
  public void end(Collection<Ownership.Holder> holders) {
    for (Ownership.Holder holder : holders) {
      try {
        var unused =
            Sql.first(connection, END, row -> row.getBoolean(1), holder.pid(), holder.startedAt());
      } catch (SQLException e) {
        throw SqlErrors.failure("end " + holder.client() + ", whose lease has expired", e);
      }
    }
  }

  private static EtlException failure(SQLException e) {
    return SqlErrors.failure("look who runs the pipeline", e);
  }
}
