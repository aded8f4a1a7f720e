package dev.pgetl.store.postgres;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The right of a connection to use the rows of a pipeline: an advisory lock that lives as long as
 * the connection does.
 *
 * <p>The lock's key is the OID of the table of pipelines and the pipeline's number in it, so
 * pipelines of several schemas in one database do not meet.
 *
 * @param pipeline the pipeline's number
 * @param epoch how many processes have taken the pipeline up so far
 * @param backendPid the server process of the connection
 * @param backendStart when that began, in microseconds
 */
record Ownership(int pipeline, long epoch, int backendPid, long backendStart) {
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String MICROSECONDS =
      "(extract(epoch from backend_start) * 1000000)::bigint";

  /** Takes the lock for a connection and a pipeline of a schema. */
  private record Taking(Connection connection, String schema, String pipelineId) {

    String sql(String statement) {
      return statement.replace("@", TableName.quote(schema));
    }

    Optional<Integer> findPipeline() throws SQLException {
      return Sql.one(
          connection,
          row -> row.getInt(1),
          sql("select id from @.pipeline where name = ?"),
          pipelineId);
    }

    int pipeline() throws SQLException {
      Optional<Integer> known = findPipeline();
      if (known.isPresent()) {
        return known.get();
      }
      Sql.run(
          connection,
          sql("insert into @.pipeline (name) values (?) on conflict (name) do nothing"),
          pipelineId);
      return findPipeline().orElseThrow(() -> lost("its row is gone"));
    }

    void lock(int pipeline) throws SQLException {
      try {
        Sql.one(
            connection,
            row -> true,
            "select pg_advisory_lock(?::regclass::oid::int, ?)",
            sql("@.pipeline"),
            pipeline);
      } catch (SQLException e) {
        if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
          throw locked(holder(pipeline));
        }
        throw e;
      }
    }

    String holder(int pipeline) throws SQLException {
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

    EtlException locked(String holder) {
      return new EtlException(
              ErrorKind.STORE_LOCKED,
              "open the state of pipeline "
                  + pipelineId
                  + " in schema "
                  + schema
                  + " while "
                  + holder
                  + " uses it")
          .withFix("Stop that pipeline first, or give this one an id of its own.");
    }

    EtlException lost(String why) {
      return new EtlException(
              ErrorKind.STORE_LOCKED,
              "take the state of pipeline "
                  + pipelineId
                  + " in schema "
                  + schema
                  + " up again: "
                  + why)
          .withFix("See that only one process runs the pipeline, then start it again.");
    }

    long newEpoch(int pipeline) throws SQLException {
      return Sql.one(
              connection,
              row -> row.getLong(1),
              sql("update @.pipeline set epoch = epoch + 1 where id = ? returning epoch"),
              pipeline)
          .orElseThrow(() -> lost("its row is gone"));
    }

    long sameEpoch(Ownership previous) throws SQLException {
      boolean same =
          Sql.one(
                  connection,
                  row -> row.getLong(1) == previous.epoch,
                  sql("select epoch from @.pipeline where id = ?"),
                  previous.pipeline)
              .orElse(false);
      if (!same) {
        throw lost("another process used it while the connection was lost");
      }
      return previous.epoch;
    }

    /**
     * Ends the server process that still holds the lock for a connection this layer has given up.
     */
    void end(Ownership previous) throws SQLException {
      Sql.one(
          connection,
          row -> true,
          "select pg_terminate_backend(pid) from pg_stat_activity where pid = ? and "
              + MICROSECONDS
              + " = ?",
          previous.backendPid,
          previous.backendStart);
    }

    Ownership of(int pipeline, long epoch) throws SQLException {
      return Sql.one(
              connection,
              row -> new Ownership(pipeline, epoch, row.getInt(1), row.getLong(2)),
              "select pid, " + MICROSECONDS + " from pg_stat_activity where pid = pg_backend_pid()")
          .orElseThrow(() -> lost("the server does not know this connection"));
    }
  }

  /**
   * Takes a pipeline's rows for a connection.
   *
   * @param previous what the same layer held before it lost its connection; null the first time
   * @throws EtlException of kind {@code STORE_LOCKED} if another process uses them, or has used
   *     them since
   */
  static Ownership take(
      Connection connection, String schema, String pipelineId, @Nullable Ownership previous)
      throws SQLException {
    Taking taking = new Taking(connection, schema, pipelineId);
    if (previous != null) {
      taking.end(previous);
    }
    int pipeline = previous == null ? taking.pipeline() : previous.pipeline;
    taking.lock(pipeline);
    long epoch = previous == null ? taking.newEpoch(pipeline) : taking.sameEpoch(previous);
    return taking.of(pipeline, epoch);
  }
}
