package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.store.AwaitingStore;
import dev.pgetl.testkit.store.StoreWrite;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A copy that waits for others before it can begin, and is not wanted any more meanwhile. */
class BeginningCopyIT {
  private static final Duration PROMPTLY = Duration.ofSeconds(3);

  private final AwaitingStore store = new AwaitingStore(new MemoryStore());

  @Test
  void isEndedWhileItWaitsForItsTable() throws InterruptedException, SQLException {
    try (Scenario scenario = ready();
        Connection migration = scenario.source().connect()) {
      migration.setAutoCommit(false);
      resyncBehind(scenario, migration);
      stopPromptly(scenario);

      migration.rollback();
      assertComesBack(scenario);
    }
  }

  @Test
  void isEndedWhileItWaitsForItsSlot() throws InterruptedException, SQLException {
    try (Scenario scenario = ready();
        Connection writer = scenario.source().connect();
        Statement sql = writer.createStatement()) {
      writer.setAutoCommit(false);
      sql.execute("insert into orders(description) values ('not committed yet')");
      scenario.pipeline().resync(scenario.tableId("users"));
      awaitWaiting(scenario);
      stopPromptly(scenario);

      writer.rollback();
      assertComesBack(scenario);
    }
  }

  @Test
  void isStartedOverWhileItWaitsForItsTable() throws InterruptedException, SQLException {
    try (Scenario scenario = ready();
        Connection migration = scenario.source().connect()) {
      migration.setAutoCommit(false);
      resyncBehind(scenario, migration);
      long begin = System.nanoTime();
      scenario.pipeline().resync(scenario.tableId("users"));
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PROMPTLY);

      migration.rollback();
      scenario.awaitReady();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  /** The table is locked when its copy has begun, and before the copy has locked it. */
  private void resyncBehind(Scenario scenario, Connection migration)
      throws InterruptedException, SQLException {
    TableId users = scenario.tableId("users");
    store.failBefore(
        ErrorKind.STORE_UNAVAILABLE,
        write -> users.equals(write.table()) && locked(write, migration));
    scenario.pipeline().resync(users);
    awaitWaiting(scenario);
    store.repair();
  }

  /** Takes the lock; the write is to succeed. */
  private static boolean locked(StoreWrite write, Connection migration) {
    if (write.phase() instanceof DataSync) {
      try (Statement sql = migration.createStatement()) {
        sql.execute("lock table users in access exclusive mode");
      } catch (SQLException e) {
        throw new IllegalStateException("the table could not be locked", e);
      }
    }
    return false;
  }

  private static void awaitWaiting(Scenario scenario) {
    await().atMost(Scenario.PATIENCE).until(() -> waiting(scenario) == 1);
  }

  /** {@return how many connections of a copy wait on the server for somebody else} */
  private static int waiting(Scenario scenario) {
    return Integer.parseInt(
        scenario
            .source()
            .value(
                "select count(*) from pg_stat_activity where datname = current_database()"
                    + " and application_name like 'pgetl/it/copy%' and wait_event_type = 'Lock'"));
  }

  /** At once, and without a trace on the server, though what it waited for is still there. */
  private static void stopPromptly(Scenario scenario) throws InterruptedException {
    long begin = System.nanoTime();
    scenario.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PROMPTLY);
    assertThat(scenario.phase("users")).isInstanceOf(DataSync.class);
    Leftovers.assertNone(scenario.source());
  }

  private static void assertComesBack(Scenario scenario) throws InterruptedException {
    scenario.start().awaitReady();
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
  }

  private Scenario ready() throws InterruptedException {
    Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .store(store)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(20)));
    scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
    return scenario.start().awaitReady();
  }
}
