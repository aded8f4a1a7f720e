package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.wal.Lsn;
import org.junit.jupiter.api.Test;

/** Stops, starts and lost connections of a pipeline whose tables are ready. */
class RestartIT {
  private static final String SLOT = "pgetl_apply_it";

  /** S07. */
  @Test
  void continuesAfterACleanStopWithoutCopyAndReplay() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario
          .source()
          .execute(
              "insert into users(id, name, age) select g, 'u', g from generate_series(1, 5) g");
      scenario.start().awaitReady();
      scenario
          .source()
          .execute("insert into users(id, name, age) values (11, 's', 1), (12, 's', 2)");
      scenario.awaitApplied().stop();
      long rowWrites = scenario.destination().calls(Operation.ROWS).size();
      int truncations = scenario.destination().calls(Operation.TRUNCATE).size();
      Lsn progress = progress(scenario);
      scenario.source().execute("insert into users(id, name, age) values (101, 'while down', 1)");
      scenario.start().awaitReady();
      scenario.source().execute("insert into users(id, name, age) values (102, 'up again', 1)");
      scenario.awaitApplied();

      assertThat(scenario.destination().calls(Operation.ROWS)).hasSize((int) rowWrites);
      assertThat(scenario.destination().calls(Operation.TRUNCATE)).hasSize(truncations);
      assertThat(scenario.destination().changes("users")).hasSize(4);
      assertThat(progress(scenario)).isGreaterThanOrEqualTo(progress);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  /** S09. */
  @Test
  void reconnectsByItselfWithoutReplayWhenEverythingWasDurable() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario.source().execute("insert into users(id, name, age) values (1, 'a', 1)");
      scenario.awaitApplied();
      Lsn commit = scenario.destination().changes("users").get(0).transaction().commitLsn();
      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> scenario.source().slot(SLOT).confirmed().isAfter(commit));
      int pid = scenario.source().slot(SLOT).activePid();
      assertThat(scenario.source().killWalSender(SLOT)).isTrue();
      await()
          .atMost(Scenario.PATIENCE)
          .until(
              () ->
                  scenario.source().slot(SLOT).isActive()
                      && scenario.source().slot(SLOT).activePid() != pid);
      scenario.source().execute("insert into users(id, name, age) values (2, 'b', 2)");
      scenario.awaitApplied();

      assertThat(scenario.destination().changes("users")).hasSize(2);
      assertThat(scenario.phase("users")).isNotInstanceOf(Errored.class);
      DeliveryAssert.assertThat(scenario.destination()).deliveredOnceInOrder();
    }
  }

  /** S79. */
  @Test
  void finishesTheWriteUnderWayBeforeItEnds() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      scenario.source().execute("insert into users(id, name, age) values (1, 'a', 1)");
      hold.awaitReached();
      Lsn before = scenario.source().currentLsn();
      scenario.pipeline().shutdown();
      assertThat(scenario.pipeline().awaitTermination(java.time.Duration.ofSeconds(1))).isFalse();
      assertThat(scenario.destination().calls(Operation.CLOSE)).isEmpty();
      hold.release();
      scenario.pipeline().awaitTermination();

      assertThat(scenario.destination().changes("users")).hasSize(1);
      assertThat(scenario.destination().calls(Operation.CLOSE)).hasSize(1);
      Lsn commit = scenario.destination().changes("users").get(0).transaction().commitLsn();
      assertThat(scenario.source().slot(SLOT).confirmed())
          .isGreaterThan(commit)
          .isLessThanOrEqualTo(before);
      scenario.start().awaitReady().awaitApplied();
      assertThat(scenario.destination().changes("users")).hasSize(1);
    }
  }

  private static Lsn progress(Scenario scenario) {
    return scenario.store().getReplicationProgress(SLOT).orElseThrow().flushedLsn();
  }
}
