package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the server has no room for now is no fault of a table's: no person is needed for it. */
class BusySourceIT {
  @Test
  void aTableIsTriedAgainHoweverLongItIsLocked() throws InterruptedException, SQLException {
    try (Scenario scenario =
            Scenario.with(Scenario.USERS_AND_ORDERS)
                .connection(builder -> builder.lockTimeout(Duration.ofMillis(200)))
                .options(builder -> builder.tableErrorRetryMaxAttempts(0))
                .start()
                .awaitReady();
        Connection migration = scenario.source().connect();
        Statement sql = migration.createStatement()) {
      scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
      scenario.awaitApplied();
      TableId users = scenario.tableId("users");
      migration.setAutoCommit(false);
      sql.execute("lock table users in access exclusive mode");
      scenario.pipeline().resync(users);
      await().atMost(Scenario.PATIENCE).until(() -> triedAgain(scenario, users));

      migration.rollback();
      scenario.awaitReady();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  /** Its new shape is in the stream, and other tables' changes behind it. */
  @Test
  void aTableLockedByAMigrationHoldsUpNeitherStartNorStream()
      throws InterruptedException, SQLException {
    try (Scenario scenario =
            Scenario.with(Scenario.USERS_AND_ORDERS)
                .connection(builder -> builder.lockTimeout(Duration.ofMillis(200)))
                .options(builder -> builder.tableErrorRetryMaxAttempts(0))
                .start()
                .awaitReady()
                .stop();
        Connection migration = scenario.source().connect();
        Statement sql = migration.createStatement()) {
      scenario
          .source()
          .execute(
              """
              alter table users add column email text default 'none';
              insert into users(name, age) values ('a', 1);
              insert into orders(description) values ('o');
              """);
      migration.setAutoCommit(false);
      sql.execute("lock table users in access exclusive mode");
      scenario.start().awaitApplied();
      assertThat(scenario.destination().changes("orders")).hasSize(1);
      assertThat(scenario.versions(scenario.tableId("users")))
          .singleElement()
          .satisfies(
              version ->
                  assertThat(version.column(3).defaultExpression()).isEqualTo("'none'::text"));

      migration.rollback();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  /** More often than a failure of its own would be. */
  private static boolean triedAgain(Scenario scenario, TableId table) {
    return scenario
        .store()
        .getTableReplicationState(table)
        .filter(
            phase ->
                phase instanceof Errored errored
                    && errored.attempt() > 1
                    && errored.retryDirective() == RetryDirective.TIMED)
        .isPresent();
  }
}
