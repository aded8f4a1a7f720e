package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.PipelineGroup;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pipeline that copies what is there and ends: nothing is left of it at the server. */
class CopyOnlyIT {
  private static final String TABLES =
      """
      create table users (id bigint primary key, name text not null, note text);
      create table orders (id bigint primary key, v text) partition by range (id);
      create table orders_1 partition of orders for values from (0) to (500);
      create table orders_2 partition of orders for values from (500) to (2000);
      insert into users select g, 'name ' || g, repeat('x', 500) from generate_series(1, 20000) g;
      insert into orders select g, 'order ' || g from generate_series(1, 1000) g;
      """;

  static final String TWO =
      """
      create table a (id bigint primary key); insert into a select generate_series(1, 1000);
      create table b (id bigint primary key); insert into b select generate_series(1, 1000);
      create publication pub for table a, b;
      """;

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final RecordingDestination destination = new RecordingDestination();

  static TestDatabase database(String sql) {
    TestDatabase source = TestPostgres.shared().createDatabase();
    source.execute(sql);
    return source;
  }

  private static PipelineConfig config(
      TestDatabase source, UnaryOperator<PipelineConfig.Builder> options) {
    return options
        .apply(
            PipelineConfig.builder(
                    "once",
                    "pub",
                    source
                        .connection()
                        .statusInterval(Duration.ofMillis(500))
                        .walSenderTimeout(Duration.ofSeconds(3))
                        .lockTimeout(Duration.ofSeconds(5))
                        .build())
                .tableErrorRetryDelay(Duration.ofMillis(200)))
        .build();
  }

  private Pipeline pipeline(TestDatabase source, UnaryOperator<PipelineConfig.Builder> options) {
    return Pipeline.copyOnly(config(source, options), destination);
  }

  private static void awaitEnd(Pipeline pipeline) throws InterruptedException {
    assertThat(pipeline.awaitReady(LIMIT)).as("%s", pipeline.status()).isTrue();
    assertThat(pipeline.awaitTermination(LIMIT)).isTrue();
    assertThat(pipeline.status().state()).isEqualTo(State.STOPPED);
  }

  /** The server notices the end of a session a moment after its client. */
  static void awaitNothingLeft(TestDatabase source) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              assertThat(source.slots()).isEmpty();
              assertThat(source.query("select * from pg_locks where locktype = 'advisory'"))
                  .isEmpty();
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64})
  void copiesEveryTableAndLeavesNothing(int together) throws InterruptedException {
    String small =
        String.join(
            "\n",
            IntStream.range(0, 30)
                .mapToObj(
                    "create table s%1$d(id int primary key); insert into s%1$d values (%1$d), (100);"
                        ::formatted)
                .toList());
    String publication =
        "create publication pub for all tables with (publish_via_partition_root = true);";
    try (TestDatabase source = database(TABLES + small + publication);
        Pipeline pipeline =
            pipeline(
                source,
                options ->
                    options
                        .maxTablesPerSyncWorker(together)
                        .batch(BatchConfig.builder().maxSize(1_000).build()))) {
      pipeline.start();
      awaitEnd(pipeline);

      assertThat(source.slots()).isEmpty();
      List<String> tables =
          Stream.concat(Stream.of("users", "orders"), IntStream.range(0, 30).mapToObj(i -> "s" + i))
              .toList();
      DeliveryAssert.assertThat(destination).converged(source, tables.toArray(String[]::new));
      assertThat(destination.events()).isEmpty();
      assertThat(destination.calls(Operation.COPIED)).hasSize(32);
      assertThat(pipeline.status().tables().values())
          .hasSize(32)
          .allMatch(table -> table.phase() instanceof FinishedCopy);
      awaitNothingLeft(source);
    }
  }

  @Test
  void copiesWhatIsChosen() throws InterruptedException {
    TableName a = new TableName("public", "a");
    TableCopyConfig copy =
        TableCopyConfig.except(Set.of(new TableName("public", "b"))).rows(a, "id > 990");
    try (TestDatabase source = database(TWO);
        Pipeline pipeline = pipeline(source, options -> options.tableCopy(copy))) {
      pipeline.start();
      awaitEnd(pipeline);
      assertThat(destination.copiedRows("a")).hasSize(10);
      assertThat(destination.calls()).noneMatch(call -> call.concerns("b"));
      assertThat(pipeline.status().tables()).hasSize(1);
    }
  }

  @Test
  void doesNotDisturbAPipelineThatStreams() throws InterruptedException {
    try (Scenario streaming = Scenario.with(TWO).start().awaitReady();
        Pipeline pipeline = pipeline(streaming.source(), options -> options)) {
      TestDatabase source = streaming.source();
      Hold hold = destination.on(Operation.ROWS).of("a").once().hold();
      pipeline.start();
      hold.awaitReached();
      source.execute("insert into a values (-1); insert into b values (-1)");
      streaming.awaitApplied();
      hold.release();
      awaitEnd(pipeline);
      assertThat(source.slots()).extracting(SlotState::name).containsExactly("pgetl_apply_it");
      source.execute("insert into a values (-2)");
      streaming.awaitApplied();
      DeliveryAssert.assertThat(streaming.destination())
          .deliveredOnceInOrder()
          .converged(source, "a", "b");
      assertThat(streaming.destination().truncations("a")).isEqualTo(1);
    }
  }

  // ---- who may run it ----

  @Test
  void twoProcessesDoNotActForOneId() throws InterruptedException {
    try (TestDatabase source = database(TWO);
        Pipeline first = pipeline(source, options -> options);
        Pipeline second =
            Pipeline.copyOnly(config(source, options -> options), new RecordingDestination())) {
      Hold hold = destination.on(Operation.ROWS).of("a").once().hold();
      first.start();
      hold.awaitReached();

      EtlException refused = catchThrowableOfType(EtlException.class, second::start);

      assertThat(refused.kind()).isEqualTo(ErrorKind.SLOT_IN_USE);
      assertThatIllegalStateException()
          .isThrownBy(() -> first.resync(new TableId(1)))
          .withMessageContaining("only copies");
      hold.release();
      awaitEnd(first);
    }
  }

  @Test
  void theIdOfAPipelineThatStreamsIsRefused() throws InterruptedException {
    try (Scenario scenario = Scenario.with(TWO)) {
      scenario.start().awaitReady().stop();
      PipelineConfig sameId = scenario.config();
      try (Pipeline pipeline = Pipeline.copyOnly(sameId, destination)) {
        EtlException refused = catchThrowableOfType(EtlException.class, pipeline::start);
        assertThat(refused.kind()).isEqualTo(ErrorKind.CONFIGURATION);
        assertThat(refused.fix()).contains("id of its own");
        assertThat(destination.calls(Operation.TRUNCATE)).isEmpty();
      }
      scenario.start().awaitReady();
    }
  }

  @Test
  void isNoPartOfAGroup() {
    try (TestDatabase source = database(TWO);
        Pipeline pipeline = pipeline(source, options -> options)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PipelineGroup.of(pipeline))
          .withMessageContaining("once");
    }
  }

  // ---- what interrupts it ----

  @Test
  void aCopyThatLosesItsConnectionsStartsOver() throws InterruptedException {
    try (TestDatabase source = database(TABLES + "create publication pub for table users");
        Pipeline pipeline =
            pipeline(source, o -> o.batch(BatchConfig.builder().maxSize(500).build()))) {
      Hold hold = destination.on(Operation.ROWS).where(call -> isLate()).once().hold();
      pipeline.start();
      hold.awaitReached();
      source.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where datname = current_database() and application_name like 'pgetl/once/copy%'");
      hold.release();
      awaitEnd(pipeline);
      assertThat(destination.truncations("users")).isEqualTo(2);
      DeliveryAssert.assertThat(destination).converged(source, "users");
      awaitNothingLeft(source);
    }
  }

  private boolean isLate() {
    return destination.rowWrites("users") > 5;
  }

  /** The server has one slot: one worker has it for a moment, then the next. */
  @Test
  void aServerThatRestartsInterruptsIt() throws InterruptedException {
    try (PostgresCluster cluster =
            PostgresCluster.builder().set("max_replication_slots", "1").start();
        TestDatabase source = cluster.createDatabase()) {
      source.execute(TWO);
      EtlException tooFew =
          catchThrowableOfType(EtlException.class, pipeline(source, options -> options)::start);
      assertThat(tooFew.kind()).isEqualTo(ErrorKind.SOURCE_BUSY);
      assertThat(tooFew.fix()).contains("lower maxTableSyncWorkers");
      try (Pipeline pipeline = pipeline(source, options -> options.maxTableSyncWorkers(1))) {
        Hold hold = destination.on(Operation.ROWS).of("a").once().hold();
        pipeline.start();
        hold.awaitReached();
        cluster.restart(StopMode.IMMEDIATE);
        hold.release();
        awaitEnd(pipeline);
      }
      DeliveryAssert.assertThat(destination).converged(source, "a", "b");
      awaitNothingLeft(source);
    }
  }

  // ---- tables that cannot be copied ----

  @Test
  void aTableThatIsDroppedBeforeItsTurnIsNamed() throws InterruptedException {
    try (TestDatabase source = database(TWO);
        Pipeline pipeline = oneByOne(source)) {
      Hold hold = destination.on(Operation.ROWS).of("a").once().hold();
      pipeline.start();
      hold.awaitReached();
      source.execute("drop table b");
      hold.release();

      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> pipeline.awaitTermination(LIMIT));

      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
      assertThat(failure).hasMessageContaining("1 of 2 tables were not copied: public.b: ");
      assertThat(pipeline.status().state()).isEqualTo(State.FAILED);
      DeliveryAssert.assertThat(destination).converged(source, "a");
      awaitNothingLeft(source);
    }
  }

  @Test
  void aTableThatIsAlteredBeforeItsTurnIsCopiedAsItIs() throws InterruptedException {
    try (TestDatabase source = database(TWO);
        Pipeline pipeline = oneByOne(source)) {
      Hold hold = destination.on(Operation.ROWS).of("a").once().hold();
      pipeline.start();
      hold.awaitReached();
      source.execute("alter table b add column more int default 5; alter table b rename to c");
      hold.release();
      awaitEnd(pipeline);
      DeliveryAssert.assertThat(destination).converged(source, "a", "c");
    }
  }

  private Pipeline oneByOne(TestDatabase source) {
    return pipeline(source, o -> o.maxTableSyncWorkers(1).maxTablesPerSyncWorker(1));
  }

  @Test
  void aTableThatTheDestinationRefusesIsNamed() throws InterruptedException {
    try (TestDatabase source = database(TWO);
        Pipeline pipeline = pipeline(source, options -> options)) {
      destination.on(Operation.COPIED).of("b").reject(ErrorKind.DESTINATION_REJECTED);
      pipeline.start();

      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> pipeline.awaitTermination(LIMIT));

      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
      assertThat(failure).hasMessageContaining("public.b");
      assertThat(pipeline.status().failedTables()).hasSize(1);
      assertThat(destination.copiedRows("a")).hasSize(1_000);
    }
  }
}
