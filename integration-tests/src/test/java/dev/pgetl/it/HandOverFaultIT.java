package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.store.AwaitingStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The store keeps that a table was handed over and reports a failure: until it answers, the apply
 * worker must acknowledge nothing behind that place.
 */
class HandOverFaultIT {
  private static final Duration A_WHILE = Duration.ofSeconds(3);

  private final AwaitingStore store = new AwaitingStore(new MemoryStore());

  /** The store answers again after a while. */
  @Test
  void handsTheTableOverOnceTheStoreAnswers() throws InterruptedException {
    try (Scenario scenario = withAStoreThatDoesNotAnswer(Duration.ofMillis(200))) {
      startAndHandOver(scenario);
      changeUsersAndGoOn(scenario);
      store.repair();
      scenario.awaitReady().awaitApplied();
      assertThat(scenario.destination().rowWrites("users")).isEqualTo(1);
      assertThat(store.phases(scenario.tableId("users"))).noneMatch(Errored.class::isInstance);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users", "orders");
    }
  }

  /** The process ends before the store answers again. */
  @Test
  void losesNothingIfTheProcessEndsBefore() throws InterruptedException {
    try (Scenario scenario = withAStoreThatDoesNotAnswer(Duration.ofSeconds(30))) {
      store.failBefore(ErrorKind.STORE_UNAVAILABLE, write -> write.phase() instanceof Errored);
      startAndHandOver(scenario);
      changeUsersAndGoOn(scenario);
      scenario.stop();
      assertThat(scenario.phase("users")).isInstanceOf(SyncDone.class);

      store.repair();
      scenario.start().awaitReady().awaitApplied();
      assertThat(scenario.destination().rowWrites("users")).isEqualTo(1);
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "users", "orders");
    }
  }

  private Scenario withAStoreThatDoesNotAnswer(Duration retryDelay) {
    Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .store(store)
            .options(builder -> builder.tableErrorRetryDelay(retryDelay));
    scenario.source().execute("insert into users(name, age) values ('copied', 1)");
    TableId users = scenario.tableId("users");
    store.failAfter(
        ErrorKind.STORE_UNAVAILABLE,
        write -> users.equals(write.table()) && write.phase() instanceof SyncDone);
    return scenario;
  }

  private void startAndHandOver(Scenario scenario) {
    scenario.start();
    store.awaitPassed(scenario.tableId("users"), SyncDone.class);
    scenario.awaitReady("orders");
  }

  /** The apply worker delivers both changes, and acknowledges them. */
  private static void changeUsersAndGoOn(Scenario scenario) throws InterruptedException {
    scenario
        .source()
        .execute(
            "insert into users(name, age) values ('after the hand-over', 2);"
                + " insert into orders(description) values ('later')");
    scenario.pipeline().awaitApplied(scenario.source().currentLsn(), A_WHILE);
  }
}
