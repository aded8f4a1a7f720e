package dev.pgetl.store.postgres;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the rows of a pipeline for a connection, by an advisory lock that lives as long as the
 * connection does.
 *
 * <p>The lock's key is the OID of the table of pipelines and the pipeline's number in it, so
 * pipelines of several schemas in one database do not collide.
 */
final class OwnershipClaim {
  private static final Logger LOG = LoggerFactory.getLogger(OwnershipClaim.class);
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** The owner with a lease holds the lock with every one of its connections. */
  private static final String SHARED = "_shared";

  /**
   * At least the time in milliseconds: a row may be removed and made again, or set back with the
   * database. What came before is smaller, because no pipeline changes hands a thousand times a
   * second.
   */
  static final String NEXT_EPOCH =
      "greatest(epoch + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)";

  private static final String CREATED = "(extract(epoch from created_at) * 1000000)::bigint";

  private final Connection connection;
  private final Backend backend;
  private final String schema;
  private final String pipelineId;

  OwnershipClaim(Connection connection, Backend backend, String schema, String pipelineId) {
    this.connection = connection;
    this.backend = backend;
    this.schema = schema;
    this.pipelineId = pipelineId;
  }

  /** Takes the rows for the first time. */
  Ownership take() throws SQLException {
    int pipeline = pipeline();
    lock(pipeline, "");
    return ownership(
        "update @.pipeline set epoch = "
            + NEXT_EPOCH
            + ", owner = '', lease_until = to_timestamp(0) where id = %s returning epoch, "
            + CREATED,
        pipeline);
  }

  /** Takes the rows back for a layer that lost its connection, if they had no other owner since. */
  Ownership takeBack(Ownership previous) throws SQLException {
    lock(previous.pipeline(), "");
    return unchanged(previous);
  }

  /**
   * Makes this connection one more of the owner's, who has a lease. Behind the shared lock the
   * epoch stays as it is: a new owner takes the lock exclusively before the epoch changes.
   */
  Ownership join(Ownership granted) throws SQLException {
    lock(granted.pipeline(), SHARED);
    return unchanged(granted);
  }

  /** {@return the same, if it is unchanged} Otherwise it was removed, or has another owner. */
  Ownership unchanged(Ownership previous) throws SQLException {
    Ownership found =
        ownership(
            "select epoch, " + CREATED + " from @.pipeline where id = %s", previous.pipeline());
    if (found.created() != previous.created()) {
      throw removed();
    }
    if (found.epoch() > previous.epoch()) {
      throw refused("again after another process has used it while the connection was lost");
    }
    if (found.epoch() < previous.epoch()) {
      putBack(previous, found);
    }
    return previous;
  }

  /** The server was set back to an earlier state; another owner would have a greater epoch. */
  private void putBack(Ownership owned, Ownership found) throws SQLException {
    LOG.warn("{} had lost its owner's epoch, which was put back", state());
    Sql.run(
        connection,
        sql(
            "update @.pipeline set epoch = %d where id = %s and epoch = %d"
                .formatted(owned.epoch(), backend.only(owned.pipeline()), found.epoch())));
  }

  private Ownership ownership(String statement, int pipeline) throws SQLException {
    return Sql.one(
            connection,
            row -> new Ownership(pipeline, row.getLong(2), row.getLong(1)),
            sql(statement.formatted(backend.only(pipeline))))
        .orElseThrow(this::removed);
  }

  /** The pipeline's number; it gets one if it has none. */
  int pipeline() throws SQLException {
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

  /** The pipeline's number, if it has one. */
  Optional<Integer> findPipeline() throws SQLException {
    return Sql.one(
        connection,
        row -> row.getInt(1),
        sql("select id from @.pipeline where name = ?"),
        pipelineId);
  }

  /**
   * Waits for the lock for as long as {@code lock_timeout} allows.
   *
   * @param mode {@link #SHARED}, or empty for the lock that one connection alone can hold
   */
  private void lock(int pipeline, String mode) throws SQLException {
    if (!call("pg_try_advisory_lock" + mode, row -> row.getBoolean(1), pipeline)) {
      LOG.info("waiting for {}: {} uses it", state(), holder(pipeline));
      await(pipeline, mode);
    }
  }

  private boolean call(String function, Sql.Row<Boolean> locked, int pipeline) throws SQLException {
    return Sql.one(
            connection,
            locked,
            "select " + function + "(?::regclass::oid::int, " + backend.only(pipeline) + ")",
            sql("@.pipeline"))
        .orElse(false);
  }

  private void await(int pipeline, String mode) throws SQLException {
    try {
      boolean unused = call("pg_advisory_lock" + mode, row -> true, pipeline);
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

  private String sql(String statement) {
    return statement.replace("@", TableName.quote(schema));
  }

  private EtlException removed() {
    return new StoreFailures(schema, pipelineId).removed("take " + state());
  }

  private EtlException refused(String why) {
    return new EtlException(ErrorKind.STORE_LOCKED, "take " + state() + " " + why)
        .withFix(
            "Make sure that only one process runs the pipeline, or give this one its own id; then start it again.");
  }

  private String state() {
    return "the state of pipeline %s in schema %s".formatted(pipelineId, schema);
  }
}
