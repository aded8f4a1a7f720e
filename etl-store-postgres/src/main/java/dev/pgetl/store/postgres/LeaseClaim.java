package dev.pgetl.store.postgres;

import dev.pgetl.schema.TableName;
import dev.pgetl.store.Lease;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease of one pipeline as SQL, on one connection. Every connection of the owner holds the
 * pipeline's advisory lock in shared mode. A new owner holds it exclusively while it raises the
 * epoch, which is possible only when no connection of the last owner is left. Owned by one thread
 * at a time.
 */
final class LeaseClaim {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseClaim.class);

  /** How long processes that were ended may take to release the lock. */
  private static final Duration RELEASE = Duration.ofSeconds(2);

  private static final String STARTED = "(extract(epoch from a.backend_start) * 1000000)::bigint";

  /** Holders of the pipeline's lock in this database. */
  private static final String HOLDERS =
      " from pg_locks l where l.locktype = 'advisory' and l.granted and l.objsubid = 2"
          + " and l.database = (select oid from pg_database where datname = current_database())"
          + " and l.classid = p.tableoid and l.objid = p.id::bigint::oid";

  private static final String LEASE =
      "select p.owner, p.epoch, (extract(epoch from greatest(p.lease_until - clock_timestamp(),"
          + " interval '0')) * 1000)::bigint, exists (select"
          + HOLDERS
          + ") from @.pipeline p where p.name = ?";

  /** One that holds the lock exclusively as well is about to become the owner, or has no lease. */
  private static final String SHARERS =
      "select a.pid, "
          + STARTED
          + " from @.pipeline p join pg_stat_activity a on exists (select"
          + HOLDERS
          + " and l.pid = a.pid and l.mode = 'ShareLock') and not exists (select"
          + HOLDERS
          + " and l.pid = a.pid and l.mode = 'ExclusiveLock')"
          + " where p.name = ? and a.pid <> pg_backend_pid()";

  /**
   * The exclusive lock lasts as long as the statement: a process that is stopped meanwhile keeps it
   * from no other.
   */
  private static final String TAKE =
      """
      with free as materialized (
        select pg_try_advisory_xact_lock(tableoid::int, #) as mine from @.pipeline where id = #)
      update @.pipeline p set epoch = %s, owner = ?,
        lease_until = clock_timestamp() + ? * interval '1 millisecond'
      from free where free.mine and id = # and epoch = ? and (? or lease_until <= clock_timestamp())
      returning epoch, (extract(epoch from created_at) * 1000000)::bigint,
        pg_try_advisory_lock_shared(p.tableoid::int, #)
      """
          .formatted(OwnershipClaim.NEXT_EPOCH);

  private static final String RENEW =
      "update @.pipeline set lease_until = clock_timestamp() + ? * interval '1 millisecond'"
          + " where id = # and epoch = ? returning true";

  /** Also releases the lock: the server may notice the end of the connection seconds later. */
  private static final String GIVE_BACK =
      "update @.pipeline set owner = '', lease_until = to_timestamp(0) where id = # and epoch = ?"
          + " returning pg_advisory_unlock_shared(tableoid::int, #)";

  private final Connection connection;
  private final Backend backend;
  private final String schema;
  private final String pipelineId;

  LeaseClaim(Connection connection, Backend backend, String schema, String pipelineId) {
    this.connection = connection;
    this.backend = backend;
    this.schema = TableName.quote(schema);
    this.pipelineId = pipelineId;
  }

  /** Who owns the pipeline now. */
  Lease lease() throws SQLException {
    return Sql.one(connection, LeaseClaim::read, LEASE.replace("@", schema), pipelineId)
        .orElse(Lease.NONE);
  }

  private static Lease read(ResultSet row) throws SQLException {
    return new Lease(
        row.getString(1),
        row.getLong(2),
        Duration.ofMillis(Math.max(0, row.getLong(3))),
        row.getBoolean(4));
  }

  /**
   * Becomes the owner. An owner that is alive loses its connections only after its lease has
   * expired, and only while the epoch is still its own.
   *
   * @return what this process owns now; null if the lease was not granted
   */
  @Nullable Ownership take(int pipeline, String owner, Duration length, Lease seen)
      throws SQLException {
    long until = System.nanoTime() + RELEASE.toNanos();
    while (true) {
      Optional<Ownership> taken = takeOnce(pipeline, owner, length, seen);
      if (taken.isPresent()) {
        return taken.get();
      }
      List<Backend> sharers = sharers();
      Lease now = lease();
      if (!now.isExpired() || now.epoch() != seen.epoch() || System.nanoTime() - until > 0) {
        return null;
      }
      end(sharers, now);
      Sql.one(connection, row -> true, "select pg_sleep(0.01)");
    }
  }

  private Optional<Ownership> takeOnce(int pipeline, String owner, Duration length, Lease seen)
      throws SQLException {
    return Sql.one(
        connection,
        row -> new Ownership(pipeline, row.getLong(2), row.getLong(1)),
        sql(TAKE, pipeline),
        owner,
        length.toMillis(),
        seen.epoch(),
        !seen.inUse());
  }

  /** Those who still use the state of an expired lease. */
  private void end(List<Backend> sharers, Lease expired) throws SQLException {
    for (Backend sharer : sharers) {
      LOG.info(
          "the lease of {} on pipeline {} has expired: ending its server process {}",
          expired.owner(),
          pipelineId,
          sharer.pid());
      sharer.end(connection);
    }
  }

  private List<Backend> sharers() throws SQLException {
    List<Backend> sharers = new ArrayList<>();
    Sql.each(
        connection,
        row -> sharers.add(new Backend(row.getInt(1), row.getLong(2))),
        SHARERS.replace("@", schema),
        pipelineId);
    return sharers;
  }

  /** Extends the lease; false if it is another owner's. */
  boolean renew(Ownership owned, Duration length) throws SQLException {
    return Sql.one(
            connection, row -> true, sql(RENEW, owned.pipeline()), length.toMillis(), owned.epoch())
        .isPresent();
  }

  /** Frees the lease, if it is still this owner's. */
  void giveBack(Ownership owned) throws SQLException {
    boolean unused =
        Sql.one(connection, row -> true, sql(GIVE_BACK, owned.pipeline()), owned.epoch())
            .isPresent();
  }

  private String sql(String statement, int pipeline) {
    return statement.replace("#", backend.only(pipeline)).replace("@", schema);
  }
}
