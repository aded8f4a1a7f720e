package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Transactions that have been open for long. A slot keeps the log from the beginning of the oldest
 * one, and a new slot waits for all of them.
 */
final class TransactionCheck implements Check {
  private static final int MOST = 5;

  private static final String OPEN =
      """
      SELECT pid::text, coalesce(datname, ''), extract(epoch FROM clock_timestamp() - xact_start)::bigint,
        coalesce(state, '') FROM pg_stat_activity
      WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
        AND xact_start <= clock_timestamp() - ? * interval '1 second'
      ORDER BY xact_start LIMIT %d"""
          .formatted(MOST);

  private static final String PREPARED =
      """
      SELECT gid, database, extract(epoch FROM clock_timestamp() - prepared)::bigint, '' FROM pg_prepared_xacts
      WHERE prepared <= clock_timestamp() - ? * interval '1 second'
      ORDER BY prepared LIMIT %d"""
          .formatted(MOST);

  /** One row of either query. */
  private record Transaction(String name, String database, long seconds, String state) {}

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    for (Transaction open : list(source, OPEN)) {
      found.accept(
          Finding.of(
                  FindingCode.OPEN_TRANSACTION,
                  "a transaction of server process %s in database \"%s\" is open for %d s (%s): slots keep the log since then,"
                          .formatted(open.name(), open.database(), open.seconds(), open.state())
                      + " and new slots wait for its end")
              .fixedBy(
                  "End it, or, if its session is not needed any more",
                  "SELECT pg_terminate_backend(" + open.name() + ")"));
    }
    for (Transaction prepared : list(source, PREPARED)) {
      found.accept(
          Finding.of(
                  FindingCode.PREPARED_TRANSACTION,
                  "prepared transaction %s in database \"%s\" is open for %d s: slots keep the log since then, and new slots wait"
                          .formatted(
                              Sql.literal(prepared.name()), prepared.database(), prepared.seconds())
                      + " for its end")
              .fixedBy(
                  "Commit it, or roll it back, in database " + TableName.quote(prepared.database()),
                  "ROLLBACK PREPARED " + Sql.literal(prepared.name())));
    }
  }

  private static List<Transaction> list(Examined source, String query) throws SQLException {
    return Sql.list(
        source.connection(),
        query,
        row ->
            new Transaction(row.getString(1), row.getString(2), row.getLong(3), row.getString(4)),
        source.limits().openTransaction().toSeconds());
  }
}
