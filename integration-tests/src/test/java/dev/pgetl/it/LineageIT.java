package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationSession;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.Standby;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is remembered belongs to one database and its history; with any other it is not used. */
class LineageIT {
  private static final String SLOT = "pgetl_apply_it";
  private static final Duration PATIENCE = Scenario.PATIENCE;

  /** Everything a pipeline remembers of its tables. */
  private record Memory(
      Map<TableId, TableReplicationPhase> phases,
      List<TableSchema> schemas,
      ReplicationProgress progress) {
    static Memory of(Scenario scenario) {
      return new Memory(
          scenario.store().getTableReplicationStates(),
          List.copyOf(scenario.store().getTableSchemas()),
          scenario.store().getReplicationProgress(SLOT).orElseThrow());
    }
  }

  private static void startElsewhereChangesNothing(TestDatabase elsewhere)
      throws InterruptedException {
    elsewhere.execute("create table filler(id int);" + Scenario.USERS_AND_ORDERS);
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
      scenario.start().awaitReady().stop();
      Memory before = Memory.of(scenario);
      RecordingDestination destination = new RecordingDestination();
      PipelineConfig wrong =
          PipelineConfig.builder("it", "pub", elsewhere.connectionConfig())
              .standby(Standby.OFF) // as the scenario that the store belongs to
              .build();
      try (Pipeline pipeline = Pipeline.create(wrong, scenario.store(), destination)) {
        EtlException failure = catchThrowableOfType(EtlException.class, pipeline::start);
        assertThat(failure).isNotNull();
        assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_LOST);
      }
      assertThat(Memory.of(scenario)).isEqualTo(before);
      assertThat(destination.calls()).isEmpty();
      assertThat(elsewhere.slots()).isEmpty();

      scenario.source().execute("delete from users where name = 'a'");
      scenario.start().awaitReady().awaitApplied();
      assertThat(scenario.destination().rowWrites("users")).isEqualTo(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  @Test
  void aStartAgainstAnotherDatabaseChangesNothing() throws InterruptedException {
    try (TestDatabase elsewhere = TestPostgres.shared().createDatabase()) {
      startElsewhereChangesNothing(elsewhere);
    }
  }

  @Test
  void aStartAgainstAnotherClusterChangesNothing() throws InterruptedException {
    try (PostgresCluster other = PostgresCluster.builder().start();
        TestDatabase elsewhere = other.createDatabase()) {
      startElsewhereChangesNothing(elsewhere);
    }
  }

  /** The server then leaves out what the other reader has confirmed, without a word. */
  @Test
  void aSlotThatAnotherReaderMovesWhileItIsWaitedForIsLost() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady();
        SourceDatabase other =
            new SourceDatabase(scenario.source().connectionConfig(), "other", Platform.jvm())) {
      scenario.stop();
      ServerSide.awaitFreeSlots(scenario);
      try (ReplicationSession session = other.openReplication("reader")) {
        WalStream reader =
            session.stream(SLOT, "pub", scenario.source().slot(SLOT).confirmed(), ValueFormat.TEXT);
        scenario.start();
        awaitWaiting(scenario);
        scenario.source().execute("insert into users(name, age) values ('unseen', 1)");
        readAndConfirm(reader, scenario);
        reader.close();
      }
      assertLost(scenario);
    }
  }

  /** It has compared the slot, and asks for it. */
  private static void awaitWaiting(Scenario scenario) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                scenario
                    .source()
                    .value(
                        "select count(*) > 0 from pg_stat_activity where datname ="
                            + " current_database() and application_name = 'pgetl/it/apply' and"
                            + " query like 'START_REPLICATION%'")
                    .equals("t"));
  }

  private static void readAndConfirm(WalStream reader, Scenario scenario) {
    Lsn all = scenario.source().currentLsn();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              WalStream.Input unused = reader.poll(TimeUnit.MILLISECONDS.toNanos(10));
              reader.confirm(all);
              reader.flushStatus();
              return !scenario.source().slot(SLOT).confirmed().isBefore(all);
            });
  }

  private static void assertLost(Scenario scenario) {
    EtlException failure =
        catchThrowableOfType(
            EtlException.class, () -> scenario.pipeline().awaitTermination(PATIENCE));
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_LOST);
  }

  @Test
  void aServerThatIsSetBackUnderThePipelineIsNotReadOn() throws Exception {
    try (PostgresCluster cluster = PostgresCluster.builder().durable().start();
        Scenario scenario = Scenario.on(cluster.createDatabase())) {
      scenario.source().execute(Scenario.USERS_AND_ORDERS);
      scenario.start().awaitReady().stop();
      Path data = cluster.dataDirectory();
      Path saved = Path.of(data + "-saved");
      cluster.stop(StopMode.FAST);
      run("cp", "-a", data.toString(), saved.toString());
      cluster.start();
      scenario.start().awaitReady();
      scenario
          .source()
          .execute("insert into users(name, age) select 'gone', g from generate_series(1, 2000) g");
      scenario.awaitApplied();

      cluster.stop(StopMode.FAST);
      run("rm", "-rf", data.toString());
      run("mv", saved.toString(), data.toString());
      cluster.start();

      assertLost(scenario);
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void whatWasDeletedWhileTheStateWasLostIsGoneAfterTheNewCopy() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS);
        MemoryStore empty = new MemoryStore()) {
      scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
      scenario.start().awaitReady().stop();
      dropSlot(scenario);
      scenario.source().execute("delete from users where name = 'a'");
      scenario.store(empty).start().awaitReady().awaitApplied();
      assertThat(scenario.destination().copiedRows("users")).hasSize(1);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  /** No copy brings back what a truncation would take away. */
  @Test
  void aTableThatIsNotCopiedKeepsWhatWasStreamed() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario
          .options(
              builder ->
                  builder
                      .tableCopy(TableCopyConfig.none())
                      .invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE))
          .start()
          .awaitReady();
      scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
      scenario.awaitApplied().stop();
      dropSlot(scenario);
      scenario.start().awaitReady().awaitApplied();
      assertThat(scenario.destination().truncations("users")).isZero();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  private static void dropSlot(Scenario scenario) {
    ServerSide.awaitFreeSlots(scenario);
    scenario.source().execute("select pg_drop_replication_slot('" + SLOT + "')");
  }
}
