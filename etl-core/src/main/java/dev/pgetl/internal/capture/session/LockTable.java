package dev.pgetl.internal.capture.session;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The lock table of the server, and what the copy of a partitioned table takes of it: each
 * connection locks all partitions, and the indexes of those that it reads.
 *
 * @param perProcess {@code max_locks_per_transaction}
 * @param processes how many processes and prepared transactions the server allows
 * @param held how many locks are held now
 * @param partitions how many the table has
 * @param indexes how many they have
 */
public record LockTable(long perProcess, long processes, long held, long partitions, long indexes) {
  private static final String QUERY =
      """
      SELECT current_setting('max_locks_per_transaction')::int,
        (SELECT sum(current_setting(name)::int) FROM unnest(ARRAY['max_connections', 'max_prepared_transactions',
          'max_wal_senders', 'max_worker_processes', 'autovacuum_max_workers']) AS name),
        (SELECT count(*) FROM pg_locks WHERE NOT fastpath), cardinality(leaves),
        (SELECT count(*) FROM unnest(leaves) AS leaf(oid)
          CROSS JOIN LATERAL (SELECT FROM pg_index i WHERE i.indrelid = leaf.oid::oid OFFSET 0) i)
      FROM (SELECT ?::int8[] AS leaves) l""";

  /**
   * {@return what the server says}
   *
   * @param leaves the OIDs of the partitions of the table
   */
  public static LockTable of(Connection connection, List<Long> leaves) throws SQLException {
    return Sql.first(
            connection,
            QUERY,
            row ->
                new LockTable(
                    row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)),
            connection.createArrayOf("int8", leaves.toArray()))
        .orElseThrow();
  }

  /**
   * Fails if there is no room even for one connection.
   *
   * @param table the table's name, for the message
   * @throws EtlException of kind {@link ErrorKind#SOURCE_CONFIGURATION}, with the setting needed
   */
  public void require(String table) {
    if (!fits()) {
      throw new EtlException(
              ErrorKind.SOURCE_CONFIGURATION,
              "begin the copy of table %s failed: its %d partitions with %d indexes need as many locks, the server has room for %d"
                  .formatted(table, partitions, indexes, room()))
          .withFix(
              "Raise max_locks_per_transaction from %d to %d, and restart the server"
                  .formatted(perProcess, needed()));
    }
  }

  /**
   * {@return how many connections may lock the table} There is room for two holders of each lock on
   * average.
   *
   * @param wanted how many are wanted
   */
  public int connections(int wanted) {
    long free = 2 * room() - held - indexes;
    return (int) Math.max(1, Math.min(wanted, free / (partitions + 1)));
  }

  private long room() {
    return perProcess * processes;
  }

  /** {@return whether there is room for one connection} */
  public boolean fits() {
    return objects() <= room();
  }

  /**
   * {@return the {@code max_locks_per_transaction} with which that many connections may lock the
   * table}
   *
   * @param wanted how many are wanted
   */
  public long neededFor(int wanted) {
    long locks = wanted * (partitions + 1) + held + indexes;
    return Math.max(needed(), locks / (2 * processes) + 1);
  }

  private long objects() {
    return partitions + indexes;
  }

  /** A quarter more, for all others. */
  private long needed() {
    return (objects() + objects() / 4) / processes + 1;
  }
}
