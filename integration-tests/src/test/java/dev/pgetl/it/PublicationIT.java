package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tables that join and leave the publication, and a publication that goes. */
class PublicationIT {
  private static final Duration REFRESH = Duration.ofMillis(200);

  private static final String LATE =
      """
      create table late(id int primary key, v text); insert into late values (1,'a'),(2,'b');
      alter publication pub add table late; insert into late values (3,'c');
      """;

  /** S46, by restart. */
  @Test
  void aTableThatWasAddedIsCopiedAfterARestart() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      scenario.start().awaitReady();
      scenario.source().execute(LATE + "insert into orders(description) values ('meanwhile')");
      scenario.awaitApplied();
      assertThat(scenario.destination().tables()).doesNotContain("public.late");
      assertThat(scenario.destination().changes("orders")).hasSize(1);
      scenario.stop();

      scenario.start().awaitReady();
      scenario.source().execute("insert into late values (4,'d')");
      scenario.awaitApplied();
      assertAddedAndOthersLeftAlone(scenario);
    }
  }

  /** S46, by the running pipeline. */
  @Test
  void aTableThatWasAddedIsCopiedByTheRunningPipeline() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.publicationRefreshInterval(REFRESH))) {
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      scenario.start().awaitReady();
      scenario.source().execute(LATE);
      scenario.awaitReady("late");
      scenario.source().execute("insert into late values (4,'d')");
      scenario.awaitApplied();
      assertAddedAndOthersLeftAlone(scenario);
    }
  }

  private static void assertAddedAndOthersLeftAlone(Scenario scenario) {
    assertThat(scenario.destination().copiedRows("late")).hasSize(3);
    assertThat(scenario.destination().changes("late")).hasSize(1);
    assertThat(scenario.destination().rowWrites("users")).isEqualTo(1);
    assertThat(scenario.destination().rowWrites("orders")).isEqualTo(1);
    assertThat(scenario.destination().truncations("users")).isEqualTo(1);
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "users", "orders", "late");
  }

  /** S47, by restart. */
  @Test
  void aTableThatLeftIsForgottenAndCopiedAfreshWhenItComesBack() throws InterruptedException {
    try (Scenario scenario = followed(withThreeUsers()).start().awaitReady()) {
      scenario.store().storeTableMapping(scenario.tableId("users"), "somewhere");
      scenario
          .source()
          .execute(
              "alter publication pub drop table users; insert into users(id, name, age) values (4, 'n', 4)");
      scenario.stop();
      scenario.start().awaitReady();
      assertForgotten(scenario, scenario.tableId("users"));
      scenario.source().execute("insert into orders(description) values ('still')");
      scenario.awaitApplied();
      assertThat(scenario.destination().changes("orders")).hasSize(1);
      assertThat(scenario.destination().materialise("users")).hasSize(3);

      scenario
          .source()
          .execute(
              "insert into users(id, name, age) values (5, 'n', 5); alter publication pub add table users");
      scenario.stop();
      scenario.start().awaitReady();
      assertCameBack(scenario);
    }
  }

  /** S47, by the running pipeline. */
  @Test
  void aTableMayLeaveAndComeBackWhileThePipelineRuns() throws InterruptedException {
    try (Scenario scenario = followed(withThreeUsers()).start().awaitReady()) {
      TableId users = scenario.tableId("users");
      scenario
          .source()
          .execute(
              "alter publication pub drop table users; insert into users(id, name, age) values (4, 'n', 4)");
      assertForgotten(scenario, users);
      scenario
          .source()
          .execute(
              "insert into users(id, name, age) values (5, 'n', 5); alter publication pub add table users");
      scenario.awaitReady("users");
      assertCameBack(scenario);
    }
  }

  private static Scenario followed(Scenario scenario) {
    return scenario.options(builder -> builder.publicationRefreshInterval(REFRESH));
  }

  private static Scenario withThreeUsers() {
    Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS);
    scenario
        .source()
        .execute("insert into users(id, name, age) select g, 'n', g from generate_series(1, 3) g");
    return scenario;
  }

  private static void assertForgotten(Scenario scenario, TableId table) {
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.store().getTableReplicationState(table).isEmpty());
    assertThat(scenario.store().getTableSchema(table)).isEmpty();
    assertThat(scenario.store().getTableMapping(table)).isEmpty();
    String slot = "pgetl_sync_it_" + table;
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.store().getReplicationProgress(slot).isEmpty());
    assertThat(scenario.source().slots()).extracting(SlotState::name).doesNotContain(slot);
    assertThat(scenario.destination().truncations("users")).isEqualTo(1);
  }

  private static void assertCameBack(Scenario scenario) throws InterruptedException {
    scenario.source().execute("insert into users(id, name, age) values (6, 'n', 6)");
    scenario.awaitApplied();
    assertThat(scenario.destination().copiedRows("users")).hasSize(5);
    assertThat(scenario.destination().rowWrites("orders")).isEqualTo(1);
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "users");
  }

  /** S48, dropped while running and while stopped, and another one of the same name. */
  @Test
  void aTableThatWasDroppedIsForgottenAndItsNameIsFree() throws InterruptedException {
    try (Scenario scenario = followed(withThreeUsers()).start().awaitReady()) {
      TableId dropped = scenario.tableId("users");
      TableId droppedWhileStopped = scenario.tableId("sentinel");
      scenario
          .source()
          .execute("drop table users; insert into orders(description) values ('still')");
      scenario.awaitApplied();
      assertThat(scenario.destination().changes("orders")).hasSize(1);
      scenario.stop();
      scenario
          .source()
          .execute(
              """
              drop table sentinel;
              create table users(id int primary key, other text); insert into users values (1, 'x'); alter publication pub add table users;
              """);
      scenario.start().awaitReady();
      assertForgotten(scenario, dropped);
      assertForgotten(scenario, droppedWhileStopped);
      scenario.source().execute("insert into users values (2, 'y')");
      scenario.awaitApplied();
      assertThat(scenario.tableId("users")).isNotEqualTo(dropped);
      assertThat(scenario.destination().copiedRows("users")).hasSize(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users", "orders");
    }
  }

  /** S48, dropped while running, noticed at once. */
  @Test
  void aTableThatWasDroppedIsForgottenByTheRunningPipeline() throws InterruptedException {
    try (Scenario scenario = followed(withThreeUsers()).start().awaitReady()) {
      TableId dropped = scenario.tableId("users");
      scenario
          .source()
          .execute(
              """
              drop table users;
              create table users(id int primary key, other text); insert into users values (1, 'x'); alter publication pub add table users;
              """);
      scenario.awaitReady("users");
      assertForgotten(scenario, dropped);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  /** S48, dropped during its copy: {@code DROP} waits for the copy's lock, and so does not hurt. */
  @Test
  void aTableDroppedDuringItsCopyIsCopiedToTheEndAndThenForgotten() throws InterruptedException {
    try (Scenario scenario = followed(withThreeUsers())) {
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      hold.awaitReached();
      TableId dropped = scenario.tableId("users");
      CompletableFuture<Void> drop = dropUsers(scenario);
      hold.release();
      drop.join();
      scenario.awaitReady("orders");
      scenario.source().execute("insert into orders(description) values ('still')");
      scenario.awaitApplied().stop();
      assertThat(scenario.destination().changes("orders")).hasSize(1);

      scenario.start().awaitReady();
      assertForgotten(scenario, dropped);
    }
  }

  /** S48, dropped between two attempts to copy it: the first one loses its connection. */
  @Test
  void aTableDroppedBetweenTwoAttemptsStandsStillAlone() throws InterruptedException {
    try (Scenario scenario = withThreeUsers()) {
      scenario.options(builder -> builder.maxBufferedBytes(256 << 10));
      scenario
          .source()
          .execute(
              "insert into users(id, name, age) select g, repeat('x', 500), 1 from generate_series(1001, 31000) g");
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      hold.awaitReached();
      TableId dropped = scenario.tableId("users");
      CompletableFuture<Void> drop = dropUsers(scenario);
      scenario
          .source()
          .execute(
              "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%copy%'"
                  + " and datname = current_database()");
      drop.join();
      hold.release();
      await()
          .atMost(Scenario.PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(scenario.store().getTableReplicationState(dropped))
                      .get()
                      .isInstanceOfSatisfying(
                          Errored.class,
                          errored -> assertThat(errored.reason()).contains("not in publication")));
      scenario.awaitReady("orders");
      scenario.source().execute("insert into orders(description) values ('still')");
      scenario.awaitApplied().stop();
      assertThat(scenario.destination().changes("orders")).hasSize(1);

      followed(scenario).start().awaitReady();
      assertForgotten(scenario, dropped);
    }
  }

  /** Drops the table as soon as its copy lets it; returns when the statement waits for that. */
  private static CompletableFuture<Void> dropUsers(Scenario scenario) {
    CompletableFuture<Void> drop =
        CompletableFuture.runAsync(() -> scenario.source().execute("drop table users"));
    await()
        .atMost(Scenario.PATIENCE)
        .until(
            () ->
                scenario
                    .source()
                    .value(
                        "select count(*) from pg_locks where relation = 'users'::regclass and mode = 'AccessExclusiveLock'")
                    .equals("1"));
    return drop;
  }

  /** S49, while the pipeline runs. */
  @Test
  void aPublicationThatWasDroppedEndsThePipelineAndTheRecipeInTheErrorHelps()
      throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario.source().execute("insert into users(id, name, age) values (1, 'a', 1)");
      scenario.awaitApplied();
      ReplicationProgress before = progress(scenario);
      scenario.source().execute("drop publication pub");
      Lsn gap = scenario.source().currentLsn();
      scenario.source().execute("insert into users(id, name, age) values (2, 'b', 2)");
      assertNamesPublication(endOf(scenario));
      assertNothingIsDurableFrom(gap, before, scenario);
      recreateAndFollowTheRecipe(scenario);
    }
  }

  /**
   * S49, while the pipeline is stopped: everything looks right again when it starts, and yet the
   * slot is of no use.
   */
  @Test
  void aPublicationThatWasReplacedWhileStoppedIsNoticed() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario.source().execute("insert into users(id, name, age) values (1, 'a', 1)");
      scenario.awaitApplied().stop();
      ReplicationProgress before = progress(scenario);
      scenario.source().execute("drop publication pub");
      Lsn gap = scenario.source().currentLsn();
      scenario
          .source()
          .execute(
              "insert into users(id, name, age) values (2, 'b', 2);"
                  + " create publication pub for table users, orders, sentinel");
      for (int attempt = 1; attempt <= 2; attempt++) {
        scenario.start();
        assertNamesPublication(endOf(scenario));
        assertNothingIsDurableFrom(gap, before, scenario);
      }
      scenario.source().execute("drop publication pub");
      recreateAndFollowTheRecipe(scenario);
    }
  }

  private static ReplicationProgress progress(Scenario scenario) {
    return scenario.store().getReplicationProgress("pgetl_apply_it").orElseThrow();
  }

  private static EtlException endOf(Scenario scenario) {
    return catchThrowableOfType(
        EtlException.class, () -> scenario.pipeline().awaitTermination(Duration.ofSeconds(30)));
  }

  private static void assertNamesPublication(EtlException failure) {
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).isEqualTo(ErrorKind.PUBLICATION_MISSING);
    assertThat(failure.summary()).contains("\"pub\"");
    assertThat(failure.fix())
        .contains("SELECT pg_drop_replication_slot('pgetl_apply_it')")
        .contains("RECREATE");
  }

  /** Keepalives may have led progress up to what was lost, not further. */
  private static void assertNothingIsDurableFrom(
      Lsn gap, ReplicationProgress before, Scenario scenario) {
    assertThat(progress(scenario).lineage()).isEqualTo(before.lineage());
    assertThat(progress(scenario).flushedLsn())
        .isGreaterThanOrEqualTo(before.flushedLsn())
        .isLessThanOrEqualTo(gap);
    assertThat(scenario.source().slot("pgetl_apply_it").confirmed()).isLessThanOrEqualTo(gap);
    assertThat(scenario.destination().changes("users")).hasSize(1);
    assertThat(scenario.phase("users")).isInstanceOf(Ready.class);
  }

  private static void recreateAndFollowTheRecipe(Scenario scenario) throws InterruptedException {
    scenario
        .source()
        .execute(
            "create publication pub for table users, orders, sentinel; insert into users(id, name, age) values (3, 'c', 3)");
    ServerSide.awaitFreeSlots(scenario);
    scenario.source().execute("select pg_drop_replication_slot('pgetl_apply_it')");
    scenario
        .options(builder -> builder.invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE))
        .start()
        .awaitReady();
    scenario.source().execute("insert into users(id, name, age) values (4, 'd', 4)");
    scenario.awaitApplied();
    assertThat(scenario.destination().truncations("users")).isEqualTo(2);
    assertThat(scenario.destination().copiedRows("users")).hasSize(3);
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "users", "orders", "sentinel");
  }
}
