package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A destination that takes long, or for ever, is not the server's trouble. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LivenessIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final PostgresCluster cluster = PostgresCluster.builder().start();

  @BeforeEach
  void startAgain() {
    if (!cluster.isRunning()) {
      cluster.start();
    }
  }

  @AfterAll
  void stopCluster() {
    cluster.close();
  }

  /**
   * The destination holds a write for longer than the server waits for a sign of life, while
   * traffic goes on: at most a batch of so many events fits into memory, or much more than comes.
   */
  @ParameterizedTest
  @ValueSource(ints = {20, 100_000})
  void theMainStreamStaysConnectedWhileTheDestinationHolds(int batchSize)
      throws InterruptedException {
    try (Scenario scenario = impatient(batchSize).start().awaitReady()) {
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      int pid = scenario.source().slot("pgetl_apply_it").activePid();
      try (Traffic traffic = Traffic.on(scenario.source())) {
        hold.awaitReached();
        assertStaysConnected(scenario, "pgetl_apply_it", pid);
        traffic.awaitMore(10);
      }
      hold.release();
      scenario.awaitApplied();
      assertThat(scenario.pipeline().status().stream().reconnects()).isZero();
      assertDelivered(scenario);
    }
  }

  /** The same between copy and main stream: both streams stay, one for the other. */
  @Test
  void aCatchUpStaysConnectedWhileTheDestinationHolds() throws InterruptedException {
    try (Scenario scenario = impatient(20)) {
      Hold copy = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      Hold catchUp = scenario.destination().on(Operation.EVENTS).of("users").once().hold();
      scenario.start();
      copy.awaitReached();
      try (Traffic traffic = Traffic.on(scenario.source())) {
        traffic.awaitMore(10);
        copy.release();
        catchUp.awaitReached();
        String slot = "pgetl_sync_it_" + scenario.tableId("users");
        int main = scenario.source().slot("pgetl_apply_it").activePid();
        assertStaysConnected(scenario, slot, scenario.source().slot(slot).activePid());
        assertThat(scenario.source().slot("pgetl_apply_it").activePid()).isEqualTo(main);
        catchUp.release();
        scenario.awaitReady();
        traffic.awaitMore(10);
      }
      scenario.awaitApplied();
      assertDelivered(scenario);
    }
  }

  private Scenario impatient(int batchSize) {
    Scenario scenario = Scenario.on(cluster.createDatabase());
    scenario.source().execute(Scenario.USERS_AND_ORDERS);
    return scenario
        .connection(
            builder -> builder.walSenderTimeout(TIMEOUT).statusInterval(Duration.ofMillis(300)))
        .options(builder -> builder.batch(BatchConfig.builder().maxSize(batchSize).build()));
  }

  private static void assertStaysConnected(Scenario scenario, String slot, int pid) {
    await()
        .atMost(Scenario.PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .during(TIMEOUT.plus(TIMEOUT.dividedBy(2)))
        .until(() -> scenario.source().slot(slot).activePid() == pid);
  }

  private static void assertDelivered(Scenario scenario) {
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "users", "orders", "sentinel");
  }

  /**
   * A server that shuts down waits for its WAL senders, and they for an answer that a destination
   * that hangs does not give. The pipeline leaves, whether its memory is full or not; the rest
   * comes when both are back.
   */
  @ParameterizedTest
  @ValueSource(ints = {20, 100_000})
  void theServerMayStopWhileTheDestinationHangs(int batchSize) throws InterruptedException {
    try (Scenario scenario = impatient(batchSize).start().awaitReady()) {
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      try (Traffic traffic = Traffic.on(scenario.source())) {
        hold.awaitReached();
        traffic.awaitMore(20);
        cluster.requestStop(StopMode.FAST);
        await().atMost(Duration.ofSeconds(20)).until(() -> !cluster.isRunning());
        cluster.start();
        hold.release();
        traffic.awaitMore(10);
      }
      scenario.awaitApplied();
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredInOrderExceptReplays()
          .converged(scenario.source(), "users", "orders", "sentinel");
    }
  }

  /** The same while a copy waits for the destination. */
  @Test
  void theServerMayStopWhileACopyHangs() throws InterruptedException {
    try (Scenario scenario = impatient(20)) {
      scenario
          .source()
          .execute("insert into users(name, age) select 'a', g from generate_series(1, 100) g");
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      hold.awaitReached();
      cluster.requestStop(StopMode.FAST);
      await().atMost(Duration.ofSeconds(20)).until(() -> !cluster.isRunning());
      hold.release();
      cluster.start();
      scenario.awaitReady().awaitApplied();
      assertDelivered(scenario);
    }
  }
}
