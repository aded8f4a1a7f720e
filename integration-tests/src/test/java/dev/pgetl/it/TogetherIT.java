package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.testkit.store.AwaitingStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Small tables that sync workers copy together. */
class TogetherIT {
  private static final int TABLES = 40;

  /** One worker takes them all, and some more. */
  private static final int FEW_TABLES = 10;

  private static final String OTHER_TABLES =
      """
      create table p(id int, k int, primary key (id, k)) partition by range (k);
      create table p1 partition of p for values from (0) to (10);
      create table p2 partition of p for values from (10) to (20);
      create table without_key(id int, v text);
      create table empty(id int primary key);
      create table large(id int primary key, v text);
      create table filtered(id int primary key, v text);
      insert into p values (1, 1), (2, 12); insert into without_key values (1, 'a'), (1, 'a');
      insert into large select g, repeat('x', 500) from generate_series(1, 3000) g;
      insert into filtered select g, 'f' from generate_series(1, 20) g;
      """;

  private final AwaitingStore store = new AwaitingStore(new MemoryStore());

  @Test
  void tablesWrittenMeanwhileAreReadyAndEqual() throws Exception {
    try (Scenario scenario = withTables(TABLES)) {
      AtomicBoolean ready = new AtomicBoolean();
      CompletableFuture<Integer> writer =
          CompletableFuture.supplyAsync(() -> writeUntil(ready, scenario.source()));
      try {
        scenario.start().awaitReady();
      } finally {
        ready.set(true);
      }
      assertThat(writer.get(10, TimeUnit.SECONDS)).isPositive();
      scenario.awaitApplied();
      assertThat(copiedTogether(scenario, TABLES)).isNotEmpty();
      assertEqual(scenario, TABLES);
      scenario.stop();
      assertOneSlotIsLeft(scenario);
    }
  }

  @Test
  void quietTablesAreCopiedOnceAndTogether() throws InterruptedException {
    try (Scenario scenario = withTables(TABLES)) {
      scenario.start().awaitReady();
      assertThat(copiedTogether(scenario, TABLES)).hasSize(TABLES);
      RecordingDestination destination = scenario.destination();
      assertThat(destination.events()).isEmpty();
      for (String table : names(TABLES)) {
        assertThat(destination.truncations(table)).as(table).isEqualTo(1);
        assertThat(destination.rowWrites(table)).as(table).isEqualTo(1);
        assertThat(destination.copiedRows(table)).as(table).hasSize(3);
      }
      scenario.source().execute("insert into t1 values (10, 'streamed')");
      scenario.awaitApplied();
      assertEqual(scenario, TABLES);
      assertOneSlotIsLeft(scenario);
    }
  }

  /** Between the rows and the meeting point: changes of all kinds. */
  @Test
  void changesBehindTheRowsAreDeliveredOnce() throws InterruptedException {
    try (Scenario scenario = withTables(FEW_TABLES)) {
      Hold rows = scenario.destination().on(Operation.ROWS).of("t5").hold();
      scenario.start();
      rows.awaitReached();
      scenario
          .source()
          .execute(
              """
              begin; insert into t1 values (10, 'x'); update t2 set id = 20 where id = 1;
              delete from t3 where id = 2; commit;
              alter table t4 add column n int default 7; insert into t4 values (10, 'x', 8);
              alter table t5 rename column v to w; update t5 set w = 'renamed';
              begin; truncate t6, t7; insert into t7 values (1, 'again'); commit;
              """);
      rows.release();
      scenario.awaitReady().awaitApplied();
      assertThat(copiedTogether(scenario, FEW_TABLES)).hasSize(FEW_TABLES);
      assertThat(scenario.destination().truncations("t1")).isEqualTo(1);
      assertEqual(scenario, FEW_TABLES);
      assertOneSlotIsLeft(scenario);
    }
  }

  @Test
  void allKindsOfTablesAreReadyAndEqual() throws InterruptedException {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    try (Scenario scenario =
        together(
            OTHER_TABLES
                + tables(FEW_TABLES)
                + "create publication pub for table p, without_key, empty, large,"
                + " filtered where (id <= 10), "
                + String.join(", ", names(FEW_TABLES))
                + " with (publish_via_partition_root = true)")) {
      scenario.start().awaitReady();
      scenario
          .source()
          .execute(
              "insert into p values (3, 3); insert into without_key values (2, 'b');"
                  + " insert into empty values (1); delete from large where id > 2990;"
                  + " insert into filtered values (0, 'in'), (30, 'out')");
      scenario.awaitApplied();
      assertEqual(scenario, FEW_TABLES);
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "p", "without_key", "empty", "large");
      assertThat(scenario.destination().materialise("filtered")).hasSize(11);
      assertThat(copiedTogether(scenario, FEW_TABLES)).hasSize(FEW_TABLES);
      assertThat(isTogether(scenario, "empty")).isTrue();
      assertThat(isTogether(scenario, "without_key")).isTrue();
      assertThat(isTogether(scenario, "p")).isFalse();
      assertThat(isTogether(scenario, "large")).isFalse();
      assertThat(isTogether(scenario, "filtered")).isFalse();
      assertOneSlotIsLeft(scenario);
    }
  }

  @Test
  void aTableThatIsRefusedFailsAlone() throws InterruptedException {
    try (Scenario scenario = withTables(FEW_TABLES)) {
      RecordingDestination destination = scenario.destination();
      destination.on(Operation.ROWS).of("t3").reject(ErrorKind.DESTINATION_REJECTED);
      scenario.start();
      scenario.awaitPhase("t3", Errored.class);
      names(FEW_TABLES).stream().filter(name -> !name.equals("t3")).forEach(scenario::awaitReady);
      scenario.source().execute("insert into t3 values (10, 'x'); insert into t4 values (10, 'x')");
      scenario.awaitApplied();
      assertThat(destination.changes("t4")).hasSize(1);
      assertThat(destination.truncations("t4")).isEqualTo(1);
      assertOneSlotIsLeft(scenario);

      destination.repair();
      scenario.pipeline().resync(scenario.tableId("t3"));
      scenario.awaitReady().awaitApplied();
      assertEqual(scenario, FEW_TABLES);
      assertOneSlotIsLeft(scenario);
    }
  }

  @Test
  void aDestinationThatIsAwayForAWhileGetsEverythingLater() throws InterruptedException {
    try (Scenario scenario = withTables(FEW_TABLES)) {
      RecordingDestination destination = scenario.destination();
      destination.on(Operation.ROWS).of("t6").times(3).reject(ErrorKind.DESTINATION_UNAVAILABLE);
      destination.on(Operation.COPIED).of("t2").once().reject(ErrorKind.DESTINATION_UNAVAILABLE);
      scenario.start().awaitReady().awaitApplied();
      assertEqual(scenario, FEW_TABLES);
      assertOneSlotIsLeft(scenario);
    }
  }

  @Test
  void tablesAreCopiedAgainOnDemand() throws InterruptedException {
    try (Scenario scenario = withTables(FEW_TABLES)) {
      scenario.start().awaitReady();
      RecordingDestination destination = scenario.destination();
      for (String table : List.of("t7", "t8", "t9")) {
        scenario.pipeline().resync(scenario.tableId(table));
        scenario.source().execute("update " + table + " set v = 'meanwhile' where id = 1");
      }
      for (String table : List.of("t7", "t8", "t9")) {
        destination.await(table, recorder -> recorder.truncations(table) >= 2);
      }
      scenario.awaitReady().awaitApplied();
      assertThat(destination.truncations("t6")).isEqualTo(1);
      assertEqual(scenario, FEW_TABLES);
      assertOneSlotIsLeft(scenario);
    }
  }

  /** The others of its group begin again, too. */
  @Test
  void aTableIsCopiedAgainWhileItsGroupIsCopied() throws InterruptedException {
    try (Scenario scenario = withTables(FEW_TABLES)) {
      Hold rows = scenario.destination().on(Operation.ROWS).of("t5").hold();
      scenario.start();
      rows.awaitReached();
      scenario.pipeline().resync(scenario.tableId("t5"));
      rows.release();
      scenario.awaitReady().awaitApplied();
      assertEqual(scenario, FEW_TABLES);
      assertOneSlotIsLeft(scenario);
    }
  }

  @Test
  void aTableLeavesThePublicationWhileItsGroupIsCopied() throws InterruptedException {
    try (Scenario scenario = withTables(FEW_TABLES)) {
      Hold rows = scenario.destination().on(Operation.ROWS).of("t5").hold();
      scenario.start();
      rows.awaitReached();
      scenario.source().execute("alter publication pub drop table t8; drop table t8");
      rows.release();
      List<String> left = names(FEW_TABLES).stream().filter(name -> !name.equals("t8")).toList();
      left.forEach(scenario::awaitReady);
      scenario.source().execute("insert into t9 values (10, 'x')");
      scenario.destination().awaitChanges("t9", 1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), left.toArray(String[]::new));
      assertOneSlotIsLeft(scenario);
    }
  }

  @Test
  void convergesAfterAStopInTheMiddleOfTheRows() throws InterruptedException {
    try (Scenario scenario = withTables(FEW_TABLES)) {
      Hold rows = scenario.destination().on(Operation.ROWS).of("t5").hold();
      scenario.start();
      rows.awaitReached();
      scenario.stop();
      assertThat(scenario.phase("t5")).isInstanceOf(DataSync.class);
      assertOneSlotIsLeft(scenario);
      scenario.source().execute("delete from t1 where id = 1; insert into t5 values (10, 'x')");
      scenario.start().awaitReady().awaitApplied().stop();
      assertThat(copiedTogether(scenario, FEW_TABLES)).hasSize(FEW_TABLES);
      assertEqual(scenario, FEW_TABLES);
      assertOneSlotIsLeft(scenario);
    }
  }

  /** As if the process had been killed then: nothing is stored from some table on. */
  @Test
  void convergesAfterAnEndInTheMiddleOfTheHandOver() throws InterruptedException {
    try (Scenario scenario = withTables(FEW_TABLES)) {
      AtomicInteger done = new AtomicInteger();
      store.failBefore(
          ErrorKind.STORE_UNAVAILABLE,
          write ->
              done.get() > 4 || (write.phase() instanceof SyncDone && done.incrementAndGet() > 4));
      scenario.start();
      await().until(() -> done.get() > 4);
      scenario.source().execute("update t1 set v = 'a'; update t10 set v = 'b'; delete from t6");
      scenario.stop();
      store.repair();
      assertThat(phases(scenario)).hasAtLeastOneElementOfType(DataSync.class);
      scenario.start().awaitReady().awaitApplied().stop();
      assertConverged(scenario, FEW_TABLES);
      assertOneSlotIsLeft(scenario);
    }
  }

  /** The slot is gone with its stream: all of the group are copied again. */
  @Test
  void convergesAfterTheStreamOfTheGroupBroke() throws InterruptedException {
    try (Scenario scenario = withTables(FEW_TABLES)) {
      Hold rows = scenario.destination().on(Operation.ROWS).of("t5").hold();
      scenario.start();
      rows.awaitReached();
      scenario.source().execute("update t1 set v = 'behind the copy'; delete from t2");
      assertThat(groupSlots(scenario.source())).hasSize(1);
      groupSlots(scenario.source())
          .forEach(slot -> assertThat(scenario.source().killWalSender(slot)).isTrue());
      await().until(() -> groupSlots(scenario.source()).isEmpty());
      rows.release();
      scenario.awaitReady().awaitApplied();
      assertThat(scenario.destination().truncations("t1")).isGreaterThan(1);
      assertConverged(scenario, FEW_TABLES);
      assertOneSlotIsLeft(scenario);
    }
  }

  @Test
  void convergesAfterAnUnexpectedFailureOfTheWorker() throws InterruptedException {
    AtomicInteger truncated = new AtomicInteger();
    Failpoint.install(
        reached -> {
          if (reached == Failpoint.AFTER_TRUNCATE && truncated.incrementAndGet() == 4) {
            throw new IllegalStateException("as the test requests");
          }
        });
    try (Scenario scenario = withTables(FEW_TABLES)) {
      scenario.start().awaitReady().awaitApplied();
      assertThat(truncated.get()).isGreaterThan(FEW_TABLES);
      assertEqual(scenario, FEW_TABLES);
      assertOneSlotIsLeft(scenario);
    } finally {
      Failpoint.install(null);
    }
  }

  private Scenario together(String sql) {
    return Scenario.with(sql)
        .store(store)
        .options(builder -> builder.maxTableSyncWorkers(2).maxTablesPerSyncWorker(100));
  }

  private Scenario withTables(int count) {
    return together(
        tables(count) + "create publication pub for table " + String.join(", ", names(count)));
  }

  private static String tables(int count) {
    StringBuilder sql = new StringBuilder();
    for (String name : names(count)) {
      sql.append("create table ").append(name).append("(id int primary key, v text);");
      sql.append("insert into ").append(name).append(" values (1, 'a'), (2, 'b'), (3, null);");
    }
    return sql.toString();
  }

  private static List<String> names(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> "t" + i).toList();
  }

  /** Writes transactions that concern two tables each. */
  private static int writeUntil(AtomicBoolean end, TestDatabase source) {
    int round = 0;
    while (!end.get()) {
      round++;
      String one = "t" + (round % TABLES + 1);
      String other = "t" + (round * 7 % TABLES + 1);
      source.execute(
"""
begin; insert into %1$s values (%3$d, 'new'); update %2$s set v = 'r%3$d' where id %% 3 = 1;
delete from %2$s where id = %3$d - 30; commit;
"""
              .formatted(one, other, round + 10));
    }
    return round;
  }

  /** {@return the tables whose own copy was never stored as ended} */
  private List<String> copiedTogether(Scenario scenario, int count) {
    return names(count).stream().filter(name -> isTogether(scenario, name)).toList();
  }

  private boolean isTogether(Scenario scenario, String table) {
    TableId id = scenario.tableId(table);
    return store.phases(id).stream().noneMatch(FinishedCopy.class::isInstance);
  }

  private static Stream<TableReplicationPhase> phases(Scenario scenario) {
    return names(FEW_TABLES).stream().map(scenario::phase);
  }

  private static void assertEqual(Scenario scenario, int count) {
    DeliveryAssert.assertThat(scenario.destination()).deliveredOnceInOrder();
    assertConverged(scenario, count);
  }

  private static void assertConverged(Scenario scenario, int count) {
    DeliveryAssert.assertThat(scenario.destination())
        .converged(scenario.source(), names(count).toArray(String[]::new));
  }

  private static List<String> groupSlots(TestDatabase source) {
    return source.slots().stream()
        .map(SlotState::name)
        .filter(name -> name.startsWith("pgetl_sync_it_g"))
        .toList();
  }

  private static void assertOneSlotIsLeft(Scenario scenario) {
    await()
        .untilAsserted(
            () ->
                assertThat(scenario.source().slots())
                    .map(SlotState::name)
                    .containsExactly("pgetl_apply_it"));
  }
}
