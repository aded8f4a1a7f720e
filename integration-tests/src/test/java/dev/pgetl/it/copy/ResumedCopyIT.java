package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.it.LogRecorder;
import dev.pgetl.it.Scenario;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.testkit.destination.Call;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A copy by key that was interrupted continues: what is finished is not read again. */
class ResumedCopyIT {
  private static final int ROWS = 20_000;
  private static final int BATCH = 500;
  private static final int CONNECTIONS = 2;
  private static final int RANGES = 16;

  /** Every range may have been begun by one connection only. */
  private static final int READ_AGAIN = CONNECTIONS * ROWS / RANGES + CONNECTIONS * BATCH;

  private static final String TABLE =
      """
      create table users (id bigint primary key, name text not null, note text not null);
      alter table users alter note set storage external;
      insert into users select g, repeat('n', 400) || g, 'note ' || g from generate_series(1, 20000) g;
      insert into users select g, 'large', repeat('x', 3000) || g from generate_series(40001, 40100) g;
      create publication pub for table users;
      """;

  private static final int INTERRUPTED_AFTER = 20;
  private static final Duration SOON = Duration.ofMillis(200);
  private static final Duration NEVER = Duration.ofHours(1);

  private final AtomicInteger calls = new AtomicInteger();
  private final List<Integer> retries = new CopyOnWriteArrayList<>();
  private Duration delay = NEVER;

  @Test
  void copiesOnlyWhatIsNotFinished() throws InterruptedException {
    try (Scenario scenario = interrupted()) {
      RecordingDestination destination = scenario.destination();
      scenario.stop();
      long before = rows(destination);
      assertThat(scenario.phase("users")).isInstanceOf(DataSync.class);
      assertThat(scenario.source().slots()).extracting(SlotState::name).contains(slot(scenario));
      scenario.source().execute(CHANGES);
      assertThat(restarted(scenario, "continuing the copy of table public.users")).hasSize(1);
      assertThat(destination.truncations("users")).isEqualTo(1);
      assertThat(rows(destination) - before).isLessThanOrEqualTo(ROWS - before + READ_AGAIN);
      DeliveryAssert.assertThat(destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  /** Rows of every kind of range: finished, begun and waiting ones. */
  private static final String CHANGES =
      """
      delete from users where id % 100 = 7;
      update users set name = 'changed' where id % 100 = 13;
      update users set id = id + 100000 where id % 1000 = 17 and id < 40000;
      update users set id = -id where id % 1000 = 19 and id < 40000;
      insert into users select g, 'new', 'n' from generate_series(50001, 50100) g;
      delete from users where id = 500; insert into users values (500, 'again', 'n');
      update users set name = 'renamed' where id > 40000 and id < 50000;
      """;

  @Test
  void continuesInTheSameProcess() throws InterruptedException {
    delay = SOON;
    try (Scenario scenario = scenario()) {
      RecordingDestination destination = scenario.destination();
      Hold hold = destination.on(Operation.ROWS).of("users").where(this::isLate).hold();
      try (LogRecorder log = LogRecorder.started()) {
        scenario.start();
        Hold unused = hold.awaitReached();
        scenario.source().execute(CHANGES);
        scenario
            .source()
            .execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where datname = current_database() and application_name like '%copy%'");
        hold.release();
        scenario.awaitReady().awaitApplied();
        assertThat(log.lines("continuing the copy of table public.users")).hasSize(1);
      }
      assertThat(destination.truncations("users")).isEqualTo(1);
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  private boolean isLate(Call call) {
    return calls.incrementAndGet() == INTERRUPTED_AFTER;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          alter table users add column more int   | was changed
          alter table users alter name drop not null | was changed
          vacuum full users                       | was changed
          alter table users replica identity full | was changed
          truncate users                          | was changed
          alter publication pub set table users where (id > 5) | was changed
          select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database() and slot_name like '%sync%' | does not exist any more
          """)
  void startsOverIfTheTableIsNotTheSame(String change, String why) throws InterruptedException {
    boolean filters = change.contains("where (");
    assumeTrue(!filters || TestPostgres.shared().majorVersion() >= 15, "row filters need 15");
    try (Scenario scenario = interrupted()) {
      scenario.stop();
      scenario.source().execute(change);
      assertThat(restarted(scenario, "the copy of table public.users starts over"))
          .singleElement(as(STRING))
          .contains(why);
      assertThat(scenario.destination().truncations("users")).isEqualTo(2);
      awaitRangesForgotten(scenario);
      if (!filters) {
        DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
      }
    }
  }

  /** What was done between two snapshots, and undone, shows in the stream only. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          update users set id = -id where id = 40019 | without a large value
          """)
  void startsOverIfTheStreamSaysTooLittle(String change, String why) throws InterruptedException {
    try (Scenario scenario = interrupted()) {
      scenario.stop();
      scenario.source().execute(change);
      assertThat(restarted(scenario, "cannot be continued: ")).anyMatch(line -> line.contains(why));
      assertThat(scenario.destination().truncations("users")).isEqualTo(2);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  /** Slots of copies that wait may be all there are: none of them would ever continue. */
  @Test
  void startsOverIfTheServerHasNoSlotForASecondSnapshot() throws InterruptedException {
    try (PostgresCluster cluster =
            PostgresCluster.builder().set("max_replication_slots", "2").start();
        Scenario scenario = interrupted(scenario(cluster))) {
      scenario.stop();
      assertThat(restarted(scenario, "the copy of table public.users starts over"))
          .singleElement(as(STRING))
          .contains("no slot");
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  private Scenario scenario(PostgresCluster cluster) {
    TestDatabase source = cluster.createDatabase();
    source.execute(TABLE);
    return options(Scenario.on(source));
  }

  @Test
  void aResyncBeginsFromTheStart() throws InterruptedException {
    try (Scenario scenario = interrupted()) {
      scenario.destination().repair();
      scenario.pipeline().resync(scenario.tableId("users"));
      scenario.awaitReady().awaitApplied();
      assertThat(scenario.destination().truncations("users")).isEqualTo(2);
      awaitRangesForgotten(scenario);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  private static long rows(RecordingDestination destination) {
    return destination.calls(Operation.ROWS).stream()
        .filter(call -> call.concerns("users"))
        .mapToLong(call -> call.rows().size())
        .sum();
  }

  private static void awaitRangesForgotten(Scenario scenario) {
    TableId users = scenario.tableId("users");
    await().atMost(Scenario.PATIENCE).until(() -> scenario.store().getCopyRanges(users).isEmpty());
  }

  /** {@return what was logged of the copy by a pipeline over the same store} */
  private List<String> restarted(Scenario scenario, String text) throws InterruptedException {
    scenario.destination().repair();
    delay = SOON;
    try (LogRecorder log = LogRecorder.started()) {
      scenario.start().awaitReady().awaitApplied();
      return log.lines(text);
    }
  }

  private static String slot(Scenario scenario) {
    return "pgetl_sync_it_" + scenario.tableId("users");
  }

  /** Some ranges are finished, some begun, the others wait; the destination is away. */
  private Scenario interrupted() {
    return interrupted(scenario());
  }

  private Scenario interrupted(Scenario scenario) {
    scenario.destination().on(Operation.ROWS).of("users").times(INTERRUPTED_AFTER).accept();
    scenario.destination().on(Operation.ROWS).of("users").reject(ErrorKind.DESTINATION_UNAVAILABLE);
    scenario.start();
    await().atMost(Scenario.PATIENCE).until(() -> !retries.isEmpty());
    return scenario;
  }

  private Scenario scenario() {
    return options(Scenario.with(TABLE));
  }

  private Scenario options(Scenario scenario) {
    return scenario
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
                    .tableCopy(TableCopyConfig.all().readBy(ReadBy.KEY))
                    .maxCopyConnectionsPerTable(CONNECTIONS)
                    .maxTableSyncWorkers(1)
                    .batch(BatchConfig.builder().maxSize(BATCH).build())
                    .tableErrorRetryDelay(delay));
  }
}
