package dev.pgetl.internal.capture.catalog;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Sql;
import java.util.List;

/**
 * Describes which transactions block a command that waited too long; an ordinary role does not see
 * since when other roles are in theirs. Thread-safe.
 */
public final class LockReport {
  private static final String OPEN_TRANSACTIONS =
      """
      SELECT format('pid %s "%s" in database "%s" since %s', pid, application_name, datname, date_trunc('second', xact_start))
      FROM (SELECT * FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY xact_start LIMIT 5) a
      UNION ALL
      SELECT format('prepared transaction "%s" in database "%s" since %s', gid, database, date_trunc('second', prepared))
      FROM (SELECT * FROM pg_prepared_xacts ORDER BY prepared LIMIT 5) p""";

  /** A prepared transaction has no process: its number is that of the lock on itself. */
  private static final String LOCK_HOLDERS =
      """
      WITH l AS (SELECT DISTINCT pid, virtualtransaction FROM pg_locks
        WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND mode = 'AccessExclusiveLock' AND relation IN %s)
      (SELECT format('pid %%s "%%s"%%s', a.pid, a.application_name, ' since ' || date_trunc('second', a.xact_start))
      FROM l JOIN pg_stat_activity a ON a.pid = l.pid
      ORDER BY a.xact_start LIMIT 5)
      UNION ALL
      (SELECT format('prepared transaction "%%s" since %%s', p.gid, date_trunc('second', p.prepared))
      FROM l JOIN pg_locks x ON x.virtualtransaction = l.virtualtransaction AND x.pid IS NULL AND x.locktype = 'transactionid'
      JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
      WHERE l.pid IS NULL
      ORDER BY p.prepared LIMIT 5)"""
          .formatted(PartitionTree.of("?::oid"));

  private final ControlSession control;

  public LockReport(ControlSession control) {
    this.control = control;
  }

  /** {@return the oldest transactions that write, as part of a sentence} */
  String openTransactions() {
    return describe(OPEN_TRANSACTIONS);
  }

  /**
   * {@return the sessions that hold or wait for an exclusive lock on a table, as part of a
   * sentence}
   */
  public String lockHolders(long tableOid) {
    return describe(LOCK_HOLDERS, tableOid);
  }

  /** Never fails: the result only completes the message of a failure. */
  private String describe(String query, Object... arguments) {
    try {
      List<String> found =
          control.call(
              "list blocking transactions",
              c -> Sql.list(c, query, row -> row.getString(1), arguments));
      return found.isEmpty() ? "none that this role can see" : String.join(", ", found);
    } catch (EtlException e) {
      return "not known (" + e.kind() + ")";
    }
  }
}
