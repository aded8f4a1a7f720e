package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** S76: the server restarts or dies under the pipeline, which is there again when the server is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerRestartIT {
  /** How the server goes. */
  enum End {
    /** It ends all sessions in good order. */
    FAST,
    /** It drops everything; the next start recovers. */
    IMMEDIATE,
    /** It is killed with all its processes, as by a power failure. */
    KILL
  }

  /** What the pipeline tells of failures. */
  private static final class Failures implements PipelineListener {
    private final Queue<EtlException> retried = new ConcurrentLinkedQueue<>();
    private final Queue<Errored> errored = new ConcurrentLinkedQueue<>();

    @Override
    public void onRetry(EtlException failure, int attempt, Duration delay) {
      retried.add(failure);
    }

    @Override
    public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
      if (phase instanceof Errored failure) {
        errored.add(failure);
      }
    }
  }

  private final PostgresCluster cluster =
      PostgresCluster.builder().durable().set("recovery_init_sync_method", "syncfs").start();
  private final Failures failures = new Failures();

  @AfterAll
  void stopCluster() {
    cluster.close();
  }

  private void restart(End end) {
    switch (end) {
      case FAST -> cluster.stop(StopMode.FAST);
      case IMMEDIATE -> cluster.stop(StopMode.IMMEDIATE);
      case KILL -> cluster.kill();
    }
    cluster.start();
  }

  private Scenario scenario() {
    failures.retried.clear();
    failures.errored.clear();
    Scenario scenario = Scenario.on(cluster.createDatabase());
    scenario.source().execute(Scenario.USERS_AND_ORDERS);
    return scenario
        .listener(failures)
        .options(
            builder ->
                builder
                    .tableErrorRetryMaxAttempts(20)
                    .tableErrorRetryDelay(Duration.ofMillis(100)));
  }

  /** S76. */
  @ParameterizedTest
  @EnumSource
  void theMainStreamGoesOn(End end) throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady()) {
      try (Traffic traffic = Traffic.on(scenario.source())) {
        traffic.awaitMore(20);
        restart(end);
        traffic.awaitMore(20);
      }
      scenario.awaitApplied();

      assertThat(failures.retried)
          .isNotEmpty()
          .allSatisfy(failure -> assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED))
          .anySatisfy(
              failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE));
      assertThat(failures.errored).isEmpty();
      assertThat(scenario.destination().rowWrites("users")).isEqualTo(1);
      assertThat(scenario.destination().truncations("users")).isEqualTo(1);
      assertConverged(scenario);
    }
  }

  /** The store is elsewhere, or it might be what ends the pipeline. */
  @Test
  void aServerThatStaysAwayEndsThePipelineWhichTheNextStartContinues() throws InterruptedException {
    try (MemoryStore store = new MemoryStore();
        Scenario scenario = scenario().store(store)) {
      scenario.options(
          builder ->
              builder.tableErrorRetryMaxAttempts(3).tableErrorRetryDelay(Duration.ofMillis(100)));
      scenario.start().awaitReady();
      cluster.stop(StopMode.FAST);
      try {
        EtlException failure =
            catchThrowableOfType(
                EtlException.class, () -> scenario.pipeline().awaitTermination(Scenario.PATIENCE));
        assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
        assertThat(scenario.pipeline().status().state()).isEqualTo(PipelineStatus.State.FAILED);
        assertThat(failures.retried).isNotEmpty();
      } finally {
        cluster.start();
      }
      scenario.source().execute("insert into users(name, age) values ('after', 1)");
      scenario.start().awaitReady().awaitApplied();
      assertThat(scenario.destination().truncations("users")).isEqualTo(1);
      assertConverged(scenario);
    }
  }

  /** How long tables wait for their retries must not matter to streams and to the store. */
  @Test
  void streamAndStoreAreBackSoonAfterTheServer() throws InterruptedException {
    Scenario scenario = scenario();
    try (MemoryStore store =
            new MemoryStore(
                PostgresLayer.builder(scenario.source().connectionConfig(), "it").build());
        scenario) {
      scenario.store(store).options(builder -> builder.tableErrorRetryDelay(Duration.ofHours(1)));
      scenario.start().awaitReady();

      restart(End.FAST);
      scenario.source().execute("insert into users(name, age) values ('after', 1)");

      scenario.awaitApplied();
      assertConverged(scenario);
    }
  }

  /** S76, during a copy: a timed retry, and the copy starts over. */
  @ParameterizedTest
  @EnumSource
  void aCopyStartsOver(End end) throws InterruptedException {
    try (Scenario scenario = scenario()) {
      scenario
          .source()
          .execute(
              "insert into users(name, age) select repeat('x', 500), g from generate_series(1, 30000) g");
      scenario.options(
          builder ->
              builder
                  .maxBufferedBytes(128 << 10)
                  .tableErrorRetryMaxAttempts(20)
                  .tableErrorRetryDelay(Duration.ofMillis(100)));
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      hold.awaitReached();
      restart(end);
      hold.release();
      scenario.awaitReady();
      scenario.source().execute("insert into users(name, age) values ('after', 1)");
      scenario.awaitApplied();

      assertThat(failures.errored)
          .isNotEmpty()
          .allSatisfy(
              failure -> assertThat(failure.retryDirective()).isEqualTo(RetryDirective.TIMED));
      assertThat(scenario.destination().truncations("users")).isEqualTo(2);
      assertThat(scenario.destination().copiedRows("users")).hasSize(30_000);
      assertConverged(scenario);
    }
  }

  private static void assertConverged(Scenario scenario) {
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredInOrderExceptReplays()
        .converged(scenario.source(), "users", "orders", "sentinel");
  }
}
