package dev.pgetl.store.postgres;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Takes the rows of a pipeline for a connection, by an advisory lock that lives as long as the
 * connection does.
 *
 * <p>The lock's key is the OID of the table of pipelines and the pipeline's number in it, so
 * pipelines of several schemas in one database do not collide.
 */
final class OwnershipClaim {
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String BACKEND_START =
      "(extract(epoch from backend_start) * 1000000)::bigint";

  private final Connection connection;
  private final String schema;
  private final String pipelineId;

  OwnershipClaim(Connection connection, String schema, String pipelineId) {
    this.connection = connection;
    this.schema = schema;
    this.pipelineId = pipelineId;
  }

  /** Takes the rows for the first time. */
  Ownership take() throws SQLException {
    int pipeline = pipeline();
    lock(pipeline);
    return owned(pipeline, newEpoch(pipeline));
  }

  /** Takes the rows back for a layer that lost its connection, if they had no other owner since. */
  Ownership takeBack(Ownership previous) throws SQLException {
    end(previous);
    lock(previous.pipeline());
    if (epoch(previous.pipeline()) != previous.epoch()) {
      throw refused("again after another process has used it while the connection was lost");
    }
    return owned(previous.pipeline(), previous.epoch());
  }

  private int pipeline() throws SQLException {
    Optional<Integer> known = findPipeline();
    if (known.isPresent()) {
      return known.get();
    }
    Sql.run(
        connection,
        sql("insert into @.pipeline (name) values (?) on conflict (name) do nothing"),
        pipelineId);
    return findPipeline().orElseThrow(this::removed);
  }

  private Optional<Integer> findPipeline() throws SQLException {
    return Sql.one(
        connection,
        row -> row.getInt(1),
        sql("select id from @.pipeline where name = ?"),
        pipelineId);
  }

  private void lock(int pipeline) throws SQLException {
    try {
      Sql.one(
          connection,
          row -> true,
          "select pg_advisory_lock(?::regclass::oid::int, ?)",
          sql("@.pipeline"),
          pipeline);
    } catch (SQLException e) {
      if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw refused("while " + holder(pipeline) + " uses it");
      }
      throw e;
    }
  }

  private String holder(int pipeline) throws SQLException {
    return Sql.one(
            connection,
            row -> "\"" + row.getString(1) + "\" from " + row.getString(2),
            """
            select a.application_name, coalesce(host(a.client_addr), 'the same machine')
              || ', server process ' || a.pid || ', connected since ' || a.backend_start
            from pg_locks l join pg_stat_activity a on a.pid = l.pid
            where l.locktype = 'advisory' and l.granted and l.objsubid = 2
            and l.database = (select oid from pg_database where datname = current_database())
            and l.classid = ?::regclass::oid and l.objid = ?::bigint::oid
            """,
            sql("@.pipeline"),
            pipeline)
        .orElse("another process");
  }

  private long newEpoch(int pipeline) throws SQLException {
    String raise = sql("update @.pipeline set epoch = epoch + 1 where id = ? returning epoch");
    return Sql.one(connection, row -> row.getLong(1), raise, pipeline).orElseThrow(this::removed);
  }

  private long epoch(int pipeline) throws SQLException {
    String query = sql("select epoch from @.pipeline where id = ?");
    return Sql.one(connection, row -> row.getLong(1), query, pipeline).orElseThrow(this::removed);
  }

  /** Ends the server process that may still hold the lock for an abandoned connection. */
  private void end(Ownership previous) throws SQLException {
    Sql.one(
        connection,
        row -> true,
        "select pg_terminate_backend(pid) from pg_stat_activity where pid = ? and "
            + BACKEND_START
            + " = ?",
        previous.backendPid(),
        previous.backendStart());
  }

  private Ownership owned(int pipeline, long epoch) throws SQLException {
    return Sql.one(
            connection,
            row -> new Ownership(pipeline, epoch, row.getInt(1), row.getLong(2)),
            "select pid, " + BACKEND_START + " from pg_stat_activity where pid = pg_backend_pid()")
        .orElseThrow(this::removed);
  }

  private String sql(String statement) {
    return statement.replace("@", TableName.quote(schema));
  }

  private EtlException removed() {
    return refused("because it was removed meanwhile");
  }

  private EtlException refused(String why) {
    return new EtlException(
            ErrorKind.STORE_LOCKED,
            "take the state of pipeline %s in schema %s %s".formatted(pipelineId, schema, why))
        .withFix(
            "Make sure that only one process runs the pipeline, or give this one its own id; then start it again.");
  }
}
