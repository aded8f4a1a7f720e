package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.PipelineGroup;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.Standby;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several processes start one pipeline without any setting for it, over a store with leases. */
@ExtendWith(PostgresExtension.class)
class StandbyByDefaultIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(1);

  private final TestDatabase database;
  private final List<Service> services = new ArrayList<>();

  /** A process with a store and a destination of its own. */
  private record Service(MemoryStore store, RecordingDestination destination, Pipeline pipeline)
      implements AutoCloseable {
    Service start() {
      pipeline.start();
      return this;
    }

    State state() {
      return pipeline.status().state();
    }

    @Override
    public void close() {
      pipeline.close();
      store.close();
    }
  }

  StandbyByDefaultIT(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void createTable() {
    database.execute("create table t (id bigint primary key); create publication pub for table t;");
  }

  @AfterEach
  void close() {
    Collections.reverse(services); // one that waits must not take over first
    services.forEach(Service::close);
  }

  private Service service(Standby standby) {
    PgConnectionConfig impatient =
        database
            .connection()
            .statusInterval(Duration.ofMillis(100))
            .walSenderTimeout(SHORT)
            .lockTimeout(SHORT)
            .build();
    PostgresLayer layer =
        PostgresLayer.builder(database.connectionConfig(), "it").answerTimeout(SHORT).build();
    MemoryStore store = new MemoryStore(layer);
    RecordingDestination destination = new RecordingDestination();
    PipelineConfig config = PipelineConfig.builder("it", "pub", impatient).standby(standby).build();
    Service service = new Service(store, destination, Pipeline.create(config, store, destination));
    services.add(service);
    return service;
  }

  private Service service() {
    return service(Standby.AUTO);
  }

  private void assertTakesOver(Service next) throws InterruptedException {
    assertThat(next.pipeline.awaitReady(LIMIT)).isTrue();
    assertThat(next.state()).isEqualTo(State.RUNNING);
    database.execute("insert into t values (1)");
    assertThat(next.pipeline.awaitApplied(database.currentLsn(), LIMIT)).isTrue();
  }

  private static void assertRefused(Runnable start) {
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(start::run)
        .satisfies(e -> assertThat(e.kind()).isIn(ErrorKind.STORE_LOCKED, ErrorKind.SLOT_IN_USE));
  }

  @Test
  void oneWorksAndTheOthersWait() throws InterruptedException {
    Service one = service().start();
    assertThat(one.pipeline.awaitReady(LIMIT)).isTrue();
    Service other = service().start();
    Service third = service().start();
    assertThat(other.state()).isEqualTo(State.STANDBY);
    assertThat(other.pipeline.status().owner()).isEqualTo(third.pipeline.status().owner());
    assertThat(other.pipeline.status().owner()).isPresent();
    assertThat(other.pipeline.awaitReady(SHORT)).isFalse();
    assertThat(other.pipeline.awaitApplied(database.currentLsn(), SHORT)).isFalse();
    assertThat(other.pipeline.awaitTermination(SHORT)).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> other.pipeline.resync(new TableId(1)));
    assertThat(other.destination.calls()).isEmpty();
    third.close();
    one.close();
    assertTakesOver(other);
  }

  @Test
  void whoHasReadItsStoreBeforeDoesNotWaitForItself() throws InterruptedException {
    Service one = service();
    assertThat(one.store.loadTableReplicationStates()).isZero();
    one.start();
    assertThat(one.state()).isEqualTo(State.RUNNING);
    assertTakesOver(one);
  }

  @Test
  void whoIsNotToWaitFails() throws InterruptedException {
    Service one = service().start();
    Service other = service(Standby.OFF);
    assertRefused(other.pipeline::start);
    assertThat(other.state()).isEqualTo(State.FAILED);
    assertTakesOver(one);
  }

  @Test
  void itWaitsForOneThatUsesNoLease() throws InterruptedException {
    Service one = service(Standby.OFF).start();
    assertThat(one.pipeline.awaitReady(LIMIT)).isTrue();
    Service other = service().start();
    assertThat(other.state()).isEqualTo(State.STANDBY);
    assertThat(other.pipeline.status().owner()).isEmpty();
    assertThat(other.pipeline.awaitReady(SHORT)).isFalse();
    assertThat(one.state()).isEqualTo(State.RUNNING);
    one.close();
    assertTakesOver(other);
  }

  @Test
  void aGroupDoesNotWait() throws InterruptedException {
    Service one = service();
    Service other = service();
    try (PipelineGroup group = PipelineGroup.of(one.pipeline)) {
      group.start();
      assertThat(group.awaitReady(LIMIT)).isTrue();
      assertThat(one.state()).isEqualTo(State.RUNNING);
      assertRefused(PipelineGroup.of(other.pipeline)::start);
      assertThat(other.state()).isEqualTo(State.FAILED);
      Service waiting = service().start();
      assertThat(waiting.state()).isEqualTo(State.STANDBY);
      assertThatIllegalStateException().isThrownBy(() -> PipelineGroup.of(waiting.pipeline));
      assertThat(waiting.state()).isEqualTo(State.STANDBY);
      other.close();
      group.close();
      one.close();
      await().atMost(LIMIT).until(() -> waiting.state() == State.RUNNING);
      assertTakesOver(waiting);
    }
  }

  /** Another pipeline of the group may be wrong; this one can still be used alone. */
  @Test
  void aGroupThatIsRefusedChangesNoPipeline() throws InterruptedException {
    Service one = service().start();
    assertThat(one.pipeline.awaitReady(LIMIT)).isTrue();
    Service other = service();
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> PipelineGroup.of(other.pipeline, other.pipeline));
    other.start();
    assertThat(other.state()).isEqualTo(State.STANDBY);
  }
}
