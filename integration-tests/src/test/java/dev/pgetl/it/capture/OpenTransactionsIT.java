package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.capture.facts.OpenTransactions;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Transactions that a snapshot does not show, because they are younger than all that ended. */
class OpenTransactionsIT {
  private static final String ID = "select pg_current_xact_id()::text";

  /** {@return the id of a transaction that writes from now on} */
  private static long begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    return Sql.first(connection, ID, row -> Long.parseUnsignedLong(row.getString(1))).orElseThrow();
  }

  @Test
  void theNextOneIsBehindAllThatHaveBegun() throws SQLException {
    try (TestDatabase database = TestPostgres.shared().createDatabase();
        Connection ended = database.connect();
        Connection young = database.connect();
        Connection youngest = database.connect();
        Connection asking = database.connect()) {
      long first = begin(ended);
      long second = begin(young);
      long third = begin(youngest);
      ended.commit();
      OpenTransactions open = OpenTransactions.of(asking, "none");
      assertThat(open.oldest()).isGreaterThan(first).isLessThanOrEqualTo(second);
      assertThat(open.next()).isGreaterThan(third);

      young.commit();
      assertThat(OpenTransactions.of(asking, "none").oldest()).isLessThan(open.next());
      youngest.rollback();
      OpenTransactions later = OpenTransactions.of(asking, "none");
      assertThat(later.next()).isGreaterThanOrEqualTo(open.next());
    }
  }
}
