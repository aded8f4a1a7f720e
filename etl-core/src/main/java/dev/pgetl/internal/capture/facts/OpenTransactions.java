package dev.pgetl.internal.capture.facts;

import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which transactions of the cluster are open. The end of a snapshot ({@code pg_snapshot_xmax}) lies
 * right behind the last transaction that has ended: younger ones may be open too, so their locks
 * count.
 *
 * @param oldest all before it have ended
 * @param next none from it on has written anything; {@link Long#MAX_VALUE} on a standby, which does
 *     not know
 * @param keptFrom from where a slot keeps the log: transactions that wrote before it have ended,
 *     and its reader has confirmed their ends; zero if there is no such slot
 */
public record OpenTransactions(long oldest, long next, Lsn keptFrom) {
  /** Locks are read after the snapshot: who has none yet has written nothing. */
  private static final String QUERY =
      """
      SELECT pg_catalog.pg_snapshot_xmin(s)::text, pg_catalog.pg_snapshot_xmax(s)::text,
        pg_catalog.pg_is_in_recovery(),
        (SELECT pg_catalog.string_agg(transactionid::text, ',') FROM pg_catalog.pg_locks
          WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted),
        (SELECT restart_lsn FROM pg_catalog.pg_replication_slots WHERE slot_name = ?)
      FROM pg_catalog.pg_current_snapshot() s""";

  /**
   * {@return those that are open now}
   *
   * @param slot a slot that is read
   * @throws SQLException if the query fails
   */
  public static OpenTransactions of(Connection connection, String slot) throws SQLException {
    return Sql.first(
            connection,
            QUERY,
            row -> {
              long next = Long.parseUnsignedLong(row.getString(2));
              String kept = row.getString(5);
              return new OpenTransactions(
                  Long.parseUnsignedLong(row.getString(1)),
                  row.getBoolean(3) ? Long.MAX_VALUE : behindAll(next, row.getString(4)),
                  kept == null ? Lsn.ZERO : Lsn.parse(kept));
            },
            slot)
        .orElseThrow();
  }

  /** Locks show 32 bits of an id: it is less than half of that range away. */
  private static long behindAll(long next, @Nullable String running) {
    return running == null
        ? next
        : Stream.of(running.split(","))
            .mapToLong(xid -> next + (int) (Long.parseLong(xid) - next) + 1)
            .reduce(next, Math::max);
  }
}
