package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What on a server keeps slots, on a server without other tests. */
class WalHoldersIT {
  private static final PostgresCluster CLUSTER = PostgresCluster.builder().start();

  private final TestDatabase database = CLUSTER.createDatabase();
  private final SourceDatabase source =
      new SourceDatabase(database.connectionConfig(), "it", Platform.jvm());

  @BeforeEach
  void createTable() {
    database.execute("create table t(x int)");
  }

  @AfterEach
  void close() {
    source.close();
    database.close();
  }

  @AfterAll
  static void stopCluster() {
    CLUSTER.close();
  }

  @Test
  void namesATransactionThatWrites() throws SQLException {
    assertThat(source.walHolders()).isEmpty();
    try (Connection open = database.connect()) {
      open.setAutoCommit(false);
      open.createStatement().execute("insert into t values (1)");
      List<String> holders = source.walHolders();
      assertThat(holders).hasSize(1);
      assertThat(holders.get(0))
          .startsWith("an open transaction: pid ")
          .contains("in database \"" + database.name() + "\" since ");
    }
  }

  @Test
  void namesAPreparedTransaction() {
    database.execute("begin; insert into t values (1); prepare transaction 'forgotten'");
    try {
      assertThat(source.walHolders())
          .singleElement()
          .asString()
          .startsWith("the prepared transaction \"forgotten\" in database");
    } finally {
      database.execute("rollback prepared 'forgotten'");
    }
  }

  @Test
  void namesAStandbyThatTheServerWaitsFor() {
    assumeThat(Integer.getInteger("pg.version", 17)).isGreaterThanOrEqualTo(17);
    database.execute("select pg_create_physical_replication_slot('standby_1')");
    CLUSTER.set("synchronized_standby_slots", "standby_1");
    try {
      assertThat(source.walHolders())
          .containsExactly(
              "the standby of slot \"standby_1\", which is in synchronized_standby_slots and not"
                  + " connected");
    } finally {
      CLUSTER.set("synchronized_standby_slots", "");
    }
  }
}
