package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Tables and pipelines that are paused under writes: nothing is delivered, nothing is lost, and
 * nothing is copied again.
 *
 * <p>{@code -Dpause.seed=… -Dpause.count=…} choose the random orders; 100 take about ten minutes.
 * {@code -Dpause.seconds=…} is how long a table is paused.
 */
class PauseIT {
  private static final int COUNT = RandomRuns.count("pause.count", 10);
  private static final Seed SEED = Seed.of("pause");
  private static final Duration PAUSE = Duration.ofSeconds(Integer.getInteger("pause.seconds", 0));
  private static final int ORDERS = 12;
  private static final TableName USERS = new TableName("public", "users");
  private static final TableName ORDERED = new TableName("public", "orders");

  private static Scenario scenario() {
    return Scenario.with(Scenario.USERS_AND_ORDERS)
        .options(options -> options.publicationRefreshInterval(Duration.ofSeconds(1)));
  }

  private static TableStatus status(Scenario scenario) {
    return Objects.requireNonNull(
        scenario.pipeline().status().tables().get(scenario.tableId("users")));
  }

  private static Instant paused(Scenario scenario) throws InterruptedException {
    scenario.pipeline().pause(USERS);
    scenario.awaitPhase("users", Paused.class);
    await().atMost(Scenario.PATIENCE).until(() -> status(scenario).pausedSince().isPresent());
    return status(scenario).pausedSince().orElseThrow();
  }

  private static int changes(Scenario scenario) {
    return scenario.destination().changes("users").size();
  }

  @Test
  void aTableContinuesWithoutACopyInTheNextProcess() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady();
        Traffic traffic = Traffic.on(scenario.source()).awaitMore(20)) {
      Instant since = paused(scenario);
      int before = changes(scenario);
      await().pollDelay(PAUSE).atMost(PAUSE.plusMinutes(1)).until(() -> true);
      traffic.awaitMore(50);
      scenario.source().execute("insert into orders(description) values ('meanwhile')");
      scenario.awaitApplied();
      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> status(scenario).slot().filter(slot -> slot.heldBytes() > 0).isPresent());

      scenario.stop().start().awaitApplied();

      assertThat(status(scenario).pausedSince()).contains(since);
      traffic.awaitMore(20);
      assertThat(changes(scenario)).isEqualTo(before);
      assertThat(scenario.pipeline().awaitReady(Duration.ofMinutes(1))).isFalse();
      scenario.pipeline().resume(USERS);
      traffic.awaitMore(20);
      traffic.close();
      scenario.awaitReady().awaitApplied();
      assertThat(scenario.destination().truncations("users")).isEqualTo(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users", "orders");
      ServerSide.awaitOnlyTheMainSlot(scenario);
    }
  }

  @Test
  void aTableWhoseSlotWasLostIsCopiedOnceItIsResumed() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady();
        Traffic traffic = Traffic.on(scenario.source()).awaitMore(20)) {
      Instant unused = paused(scenario);
      scenario
          .source()
          .execute(
              "select pg_drop_replication_slot('pgetl_sync_it_" + scenario.tableId("users") + "')");
      traffic.awaitMore(20);

      scenario.pipeline().resume(USERS);

      traffic.close();
      scenario.awaitReady().awaitApplied();
      assertThat(scenario.destination().truncations("users")).isEqualTo(2);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  @Test
  void aTableIsRenamedAlteredAndTruncatedWhileItIsPaused() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady()) {
      scenario.source().execute("insert into users(name, age) values ('before', 1)");
      Instant unused = paused(scenario);
      scenario
          .source()
          .execute(
              """
              insert into users(name, age) values ('lost', 2);
              truncate users;
              alter table users add column note text default 'none';
              insert into users(name, age, note) values ('kept', 3, 'new');
              alter table users rename to people;
              insert into people(name, age) values ('last', 4);
              """);

      assertThatThrownBy(() -> scenario.pipeline().resume(USERS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("public.people");
      scenario.pipeline().resume(new TableName("public", "people"));

      scenario.awaitReady().awaitApplied();
      assertThat(scenario.destination().calls(Operation.TRUNCATE))
          .filteredOn(call -> call.concerns("users"))
          .hasSize(1);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "people");
    }
  }

  @Test
  void aPipelineKeepsItsSlotAndCallsNothing() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady();
        Traffic traffic = Traffic.on(scenario.source()).awaitMore(20)) {
      Pipeline pipeline = scenario.pipeline();
      pipeline.pause();
      assertThat(pipeline.awaitPaused(Scenario.PATIENCE)).isTrue();
      int before = scenario.destination().calls().size();

      traffic.awaitMore(100);

      assertThat(scenario.destination().calls()).hasSize(before);
      assertThat(pipeline.status().state()).isEqualTo(State.PAUSED);
      assertThat(pipeline.status().stream().connected()).isTrue();
      assertThat(
              pipeline.awaitApplied(
                  scenario.source().currentLsn(), Duration.ofMillis(200), Set.of()))
          .isFalse();
      pipeline.resume();
      traffic.close();
      scenario.awaitApplied();
      assertThat(pipeline.status().stream().reconnects()).isZero();
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  @Test
  void randomOrdersUnderWritesEndEqual() throws InterruptedException {
    for (int run = 0; run < COUNT; run++) {
      long seed = SEED.value() + run;
      try (Scenario scenario = scenario().start().awaitReady();
          Traffic traffic = Traffic.on(scenario.source())) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < ORDERS; i++) {
          order(scenario.pipeline(), random);
          traffic.awaitMore(1 + random.nextInt(20));
        }
        scenario.pipeline().resume();
        traffic.close();
        finish(scenario, seed);
      }
    }
  }

  private static void order(Pipeline pipeline, SplittableRandom random)
      throws InterruptedException {
    TableName table = random.nextInt(4) == 0 ? ORDERED : USERS;
    switch (random.nextInt(8)) {
      case 0 -> pipeline.pause();
      case 1 -> pipeline.resume();
      case 2 -> pipeline.resync(table);
      case 3 -> pipeline.retry(table);
      case 4, 5 -> pipeline.pause(table);
      default -> pipeline.resume(table);
    }
  }

  private static void finish(Scenario scenario, long seed) {
    await("-Dpause.seed=" + seed + " -Dpause.count=1")
        .atMost(Scenario.PATIENCE)
        .until(
            () -> {
              scenario.pipeline().resume(USERS);
              scenario.pipeline().resume(ORDERED);
              return scenario.pipeline().awaitReady(Duration.ofSeconds(1))
                  && scenario
                      .pipeline()
                      .awaitApplied(scenario.source().currentLsn(), Duration.ofSeconds(5));
            });
    DeliveryAssert.assertThat(scenario.destination())
        .converged(scenario.source(), "users", "orders");
  }
}
