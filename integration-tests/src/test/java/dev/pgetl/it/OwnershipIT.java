package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.SlotState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One process acts for a pipeline, however often its sessions are lost. */
class OwnershipIT {
  private static final String OF_PIPELINE =
      "datname = current_database() and application_name like 'pgetl/it/%'"
          + " and application_name not like '%/store'";
  private static final String TERMINATE =
      "select pg_terminate_backend(pid, 10000) from pg_stat_activity where " + OF_PIPELINE;

  private final Queue<EtlException> retried = new ConcurrentLinkedQueue<>();
  private final Scenario scenario =
      Scenario.with(Scenario.USERS_AND_ORDERS)
          .listener(
              new PipelineListener() {
                @Override
                public void onRetry(EtlException failure, int attempt, Duration delay) {
                  retried.add(failure);
                }
              });

  @AfterEach
  void close() {
    scenario.close();
  }

  private List<List<@Nullable String>> slots() {
    return scenario
        .source()
        .query("select slot_name, active_pid from pg_replication_slots order by 1");
  }

  private void assertConverged() {
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredInOrderExceptReplays()
        .converged(scenario.source(), "users", "orders", "sentinel");
  }

  @Test
  void aSecondProcessWithTheSameIdIsRefusedAndChangesNothing() throws InterruptedException {
    scenario.start().awaitReady();
    ServerSide.awaitOnlyTheMainSlot(scenario);
    List<List<@Nullable String>> slots = slots();
    PgConnectionConfig impatient =
        scenario
            .source()
            .connection()
            .walSenderTimeout(Duration.ofSeconds(3))
            .lockTimeout(Duration.ofSeconds(1))
            .build();
    RecordingDestination destination = new RecordingDestination();
    try (MemoryStore store = new MemoryStore();
        Pipeline second =
            Pipeline.create(
                PipelineConfig.builder("it", "pub", impatient).build(), store, destination)) {
      EtlException refusal = catchThrowableOfType(EtlException.class, second::start);

      assertThat(refusal).isNotNull();
      assertThat(refusal.kind()).isEqualTo(ErrorKind.SLOT_IN_USE);
      assertThat(refusal.summary()).contains("server process").contains("pgetl/it/");
      assertThat(destination.calls()).isEmpty();
      assertThat(store.getTableReplicationStates()).isEmpty();
      assertThat(slots()).isEqualTo(slots);
    }
    scenario.source().execute("insert into users(name, age) values ('streams', 1)");
    scenario.awaitApplied();
    assertThat(scenario.pipeline().status().stream().reconnects()).isZero();
    assertConverged();
  }

  @Test
  void continuesAfterAllItsSessionsWereTerminatedTwice() throws InterruptedException {
    scenario.start().awaitReady();
    try (Traffic traffic = Traffic.on(scenario.source())) {
      for (int time = 0; time < 2; time++) {
        traffic.awaitMore(20);
        terminateAll();
      }
      traffic.awaitMore(20);
    }
    scenario.awaitApplied();
    assertThat(scenario.pipeline().status().stream().reconnects()).isPositive();
    assertConverged();
  }

  /** Also those that are opened meanwhile. */
  private void terminateAll() {
    assertThat(scenario.source().query(TERMINATE)).isNotEmpty();
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.source().slots().stream().anyMatch(SlotState::isActive));
  }

  /** A role sees when its own sessions began, and may ask which cluster it is. */
  @Test
  void aRoleThatIsNoSuperuserKeepsItsPipeline() throws InterruptedException {
    String role = "owner_" + scenario.source().name();
    scenario
        .source()
        .execute(
            """
            create role %1$s login replication password 'owner';
            grant select on all tables in schema public to %1$s;
            """
                .formatted(role));
    try {
      scenario.connection(builder -> builder.username(role).password("owner")).start().awaitReady();
      terminateAll();
      scenario.source().execute("insert into users(name, age) values ('streams', 1)");
      scenario.awaitApplied();
      assertConverged();
    } finally {
      scenario.stop();
      scenario.source().execute("drop owned by %1$s; drop role %1$s".formatted(role));
    }
  }

  /** What it has read already is not written either. */
  @Test
  void nothingIsDeliveredWhileAnotherSessionHoldsTheLock() throws Exception {
    scenario
        .source()
        .execute("insert into users(name, age) select 'u', g from generate_series(1, 200) g");
    Hold copy = scenario.destination().on(Operation.ROWS).of("users").once().hold();
    Hold stream = scenario.destination().on(Operation.EVENTS).of("orders").once().hold();
    scenario
        .options(
            builder ->
                builder
                    .batch(BatchConfig.builder().maxSize(5).build())
                    .tableErrorRetryMaxAttempts(1000))
        .start()
        .awaitReady("orders");
    for (int i = 0; i < 20; i++) {
      scenario.source().execute("insert into orders(description) values ('behind the held one')");
    }
    copy.awaitReached();
    stream.awaitReached();

    try (Connection foreign = scenario.source().connect()) {
      takeLock(foreign);
      await().atMost(Scenario.PATIENCE).until(() -> refusals() > 0);
      long ended = calls();
      copy.release();
      stream.release();
      long before = refusals();
      await().atMost(Scenario.PATIENCE).until(() -> refusals() > before + 2);
      assertThat(calls()).as("calls of the destination").isEqualTo(ended + 2);
    }
    scenario.awaitReady().awaitApplied();
    assertConverged();
  }

  private long refusals() {
    return retried.stream()
        .filter(failure -> failure.summary().contains("belongs to another process"))
        .count();
  }

  private long calls() {
    return scenario.destination().calls().size();
  }

  /** The moment in which the pipeline has no session. */
  private void takeLock(Connection foreign) {
    String key =
        scenario
            .source()
            .value(
                "select distinct (l.classid::bigint << 32) | l.objid::bigint from pg_locks l"
                    + " join pg_stat_activity a using (pid) where l.locktype = 'advisory' and "
                    + OF_PIPELINE);
    await()
        .atMost(Scenario.PATIENCE)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              List<List<@Nullable String>> unused = scenario.source().query(TERMINATE);
              return isTrue(foreign, "select pg_try_advisory_lock(" + key + ")");
            });
  }

  private static boolean isTrue(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return result.next() && result.getBoolean(1);
    }
  }
}
