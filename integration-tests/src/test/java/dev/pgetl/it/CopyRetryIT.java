package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.Call;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.testkit.store.AwaitingStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** S77: a copy whose destination fails for a while makes the same call again and goes on. */
class CopyRetryIT {
  private static final Duration DELAY = Duration.ofMillis(200);
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration PROMPTLY = Duration.ofSeconds(4);
  private static final int ROWS = 20_000;
  private static final long BUDGET = 256 << 10;

  private final AwaitingStore store = new AwaitingStore(new MemoryStore());
  private final List<Integer> retries = new CopyOnWriteArrayList<>();

  @Test
  void writesTheSameRowsAgainAndGoesOn() throws InterruptedException {
    try (Scenario scenario = scenario(DELAY)) {
      RecordingDestination destination = scenario.destination();
      destination.on(Operation.ROWS).of("users").times(20).accept();
      destination.on(Operation.ROWS).of("users").times(3).reject(ErrorKind.DESTINATION_UNAVAILABLE);
      scenario.start();
      await().atMost(Scenario.PATIENCE).until(() -> !retries.isEmpty());
      scenario.source().execute("insert into users(name, age) values ('behind the snapshot', 1)");
      scenario.awaitReady().awaitApplied();
      assertThat(store.phases(scenario.tableId("users"))).noneMatch(Errored.class::isInstance);
      assertThat(retries).containsExactly(1, 2, 3);
      List<Call> writes = destination.calls(Operation.ROWS);
      List<Call> users = writes.stream().filter(call -> call.concerns("users")).toList();
      assertThat(users.subList(20, 24)).extracting(Call::rows).containsOnly(users.get(20).rows());
      assertThat(destination.truncations("users")).isEqualTo(1);
      assertThat(destination.copiedRows("users")).hasSize(ROWS);
      DeliveryAssert.assertThat(destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  @Test
  void flushesAgain() throws InterruptedException {
    try (Scenario scenario = scenario(DELAY)) {
      RecordingDestination destination = scenario.destination();
      destination.on(Operation.ROWS).of("users").accept();
      destination.on(Operation.FLUSH).times(2).reject(ErrorKind.DESTINATION_UNAVAILABLE);
      scenario.start().awaitReady();
      assertThat(retries).containsExactly(1, 2);
      assertThat(store.phases(scenario.tableId("users"))).noneMatch(Errored.class::isInstance);
      assertThat(destination.copiedRows("users")).hasSize(ROWS);
      assertThat(destination.truncations("users")).isEqualTo(1);
    }
  }

  /** What waits for a destination that is away keeps its snapshot, and no more than it may. */
  @Test
  void holdsNoMoreThanTheBudgetWhileItWaits() throws InterruptedException {
    try (Scenario scenario = scenario(NEVER)) {
      awaitPause(scenario);
      await().atMost(Scenario.PATIENCE).until(CopyRetryIT::allReadersWait);
      assertThat(ServerSide.copyConnections(scenario)).isPositive();
      assertThat(scenario.source().slots())
          .extracting(SlotState::name)
          .contains("pgetl_sync_it_" + scenario.tableId("users"));
      assertThat(scenario.pipeline().status().bufferedBytes()).isLessThan(4 * BUDGET);
    }
  }

  private static boolean allReadersWait() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("etl-it-copy-"))
        .allMatch(thread -> thread.getState() == Thread.State.WAITING);
  }

  @Test
  void doesNotWaitForTheNextAttemptWhenItIsStopped() throws InterruptedException {
    try (Scenario scenario = scenario(NEVER)) {
      awaitPause(scenario);
      scenario.awaitReady("orders");
      scenario.awaitReady("sentinel");
      long begin = System.nanoTime();
      scenario.stop();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PROMPTLY);
      assertThat(scenario.phase("users")).isInstanceOf(DataSync.class);
      Leftovers.assertNone(scenario.source());

      scenario.destination().repair();
      scenario.start().awaitReady();
      assertThat(scenario.destination().truncations("users")).isEqualTo(2);
      assertThat(scenario.destination().copiedRows("users")).hasSize(ROWS);
    }
  }

  @Test
  void doesNotWaitForTheNextAttemptWhenItIsCopiedAgain() throws InterruptedException {
    try (Scenario scenario = scenario(NEVER)) {
      awaitPause(scenario);
      scenario.destination().repair();
      long begin = System.nanoTime();
      scenario.pipeline().resync(scenario.tableId("users"));
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PROMPTLY);
      scenario.awaitReady();
      assertThat(scenario.destination().truncations("users")).isEqualTo(2);
      assertThat(scenario.destination().copiedRows("users")).hasSize(ROWS);
    }
  }

  /** The copy is begun, and the destination away for longer than anybody would wait. */
  private void awaitPause(Scenario scenario) {
    scenario.destination().on(Operation.ROWS).of("users").times(3).accept();
    scenario.destination().on(Operation.ROWS).of("users").reject(ErrorKind.DESTINATION_UNAVAILABLE);
    scenario.start();
    await().atMost(Scenario.PATIENCE).until(() -> !retries.isEmpty());
    assertThat(retries).containsExactly(1);
    assertThat(scenario.phase("users")).isInstanceOf(DataSync.class);
  }

  private Scenario scenario(Duration delay) {
    Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .store(store)
            .listener(
                new PipelineListener() {
                  @Override
                  public void onRetry(EtlException failure, int attempt, Duration after) {
                    retries.add(attempt);
                  }
                })
            .options(
                builder ->
                    builder
                        .maxBufferedBytes(BUDGET)
                        .tableErrorRetryDelay(delay)
                        .tableErrorRetryMaxAttempts(3));
    scenario
        .source()
        .execute(
            "insert into users(name, age) select repeat('n', 500), g from generate_series(1, "
                + ROWS
                + ") g");
    return scenario;
  }
}
