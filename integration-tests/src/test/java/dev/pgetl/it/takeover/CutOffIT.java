package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.PipelineGroup;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.Standby;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Replicas; one cannot reach the store, the source or the destination. */
@ExtendWith(PostgresExtension.class)
class CutOffIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(2);

  @TempDir Path directory;

  private final TestDatabase database;
  private final List<LocalReplica> opened = new ArrayList<>();
  private Path journal;

  CutOffIT(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void createTable() {
    journal = directory.resolve("calls");
    database.execute("create table t (id bigint primary key); create publication pub for table t;");
  }

  @AfterEach
  void close() {
    opened.forEach(LocalReplica::close);
  }

  private LocalReplica start(String name) {
    return opened(
        new LocalReplica(
            database, name, new EpochJournal(journal, name), lease -> lease.length(SHORT)));
  }

  private LocalReplica opened(LocalReplica replica) {
    opened.add(replica);
    return replica.start();
  }

  private void insert(long id) {
    database.execute("insert into t values (" + id + ")");
  }

  private void awaitArrived(long id) {
    await("row " + id).atMost(LIMIT).until(() -> Calls.read(journal).ids().contains(id));
  }

  private void awaitStoredPosition(LocalReplica replica) throws InterruptedException {
    assertThat(replica.pipeline().awaitApplied(database.currentLsn(), LIMIT)).isTrue();
  }

  @Test
  void oneWorksAndTheOtherWaits() throws InterruptedException {
    LocalReplica one = start("one");
    LocalReplica other = start("other");
    PipelineStatus status = other.pipeline().status();
    assertThat(status.state()).isEqualTo(State.STANDBY);
    assertThat(status.owner()).contains("one");
    assertThat(other.notices()).containsExactly("standby one");
    assertThat(one.notices()).containsExactly("owner");
    assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
    assertThat(other.pipeline().awaitReady(Duration.ofMillis(300))).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> other.pipeline().resync(new TableId(1)))
        .withMessageContaining("one");
    insert(1);
    awaitStoredPosition(one);
    one.close();
    assertThat(one.pipeline().status().state()).isEqualTo(State.STOPPED);
    assertThat(other.pipeline().awaitReady(LIMIT)).isTrue();
    insert(2);
    awaitStoredPosition(other);
    assertThat(Calls.read(journal).violations()).isEmpty();
    assertThat(Calls.read(journal).ids()).containsExactly(1L, 2L);
    assertThat(Calls.read(journal).calls())
        .filteredOn(c -> c.stream().equals("truncate"))
        .hasSize(1);
  }

  @Test
  void whoIsCutOffFromTheStoreLosesTheLeaseAndComesBack() throws InterruptedException {
    LocalReplica one = start("one");
    assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
    LocalReplica other = start("other");
    one.toStore().refuse();
    assertThat(other.pipeline().awaitReady(LIMIT)).isTrue();
    insert(1);
    awaitArrived(1);
    assertThat(Calls.read(journal).owner()).isEqualTo("other");
    one.toStore().heal();
    await().atMost(LIMIT).until(() -> one.notices().contains("standby other"));
    other.close();
    insert(2);
    assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
    awaitStoredPosition(one);
    assertThat(one.notices()).containsExactly("owner", "standby other", "owner");
    assertThat(Calls.read(journal).violations()).isEmpty();
    assertThat(Calls.read(journal).late()).isEmpty();
    assertThat(Calls.read(journal).ids()).containsExactly(1L, 2L);
  }

  /** Otherwise it gets in the way of the one that takes over. */
  @Test
  void whoCannotRenewItsLeaseDoesNotConnectToTheSource() throws InterruptedException {
    LocalReplica one = start("one");
    assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
    one.toStore().refuse();
    await().atMost(LIMIT).until(() -> one.toStore().openConnections() == 0);
    long connected = one.toSource().acceptedConnections();
    one.toSource().cut();
    await()
        .during(SHORT.multipliedBy(2))
        .atMost(LIMIT)
        .until(() -> one.toSource().acceptedConnections() == connected);
    LocalReplica other = start("other");
    assertThat(other.pipeline().awaitReady(LIMIT)).isTrue();
    one.toStore().heal();
    one.await(State.STANDBY);
    insert(1);
    awaitStoredPosition(other);
    assertThat(one.toSource().acceptedConnections()).isEqualTo(connected);
    assertThat(Calls.read(journal).violations()).isEmpty();
  }

  @Test
  void whoIsCutOffFromTheSourceKeepsTheLeaseAndSaysSo() throws InterruptedException {
    LocalReplica one = start("one");
    assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
    LocalReplica other = start("other");
    one.toSource().refuse();
    await().atMost(LIMIT).until(() -> one.pipeline().status().stream().failure().isPresent());
    await()
        .during(SHORT.multipliedBy(2))
        .atMost(LIMIT)
        .until(() -> other.pipeline().status().state() == State.STANDBY);
    assertThat(one.pipeline().status().stream().failure().orElseThrow().kind())
        .isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
    one.toSource().heal();
    insert(1);
    awaitStoredPosition(one);
    assertThat(other.notices()).containsExactly("standby one");
  }

  @Test
  void whoIsToHandOverGivesTheLeaseBackOnce() throws InterruptedException {
    LocalReplica one =
        opened(
            new LocalReplica(
                database,
                "one",
                new EpochJournal(journal, "one"),
                lease -> lease.length(SHORT).handOverAfter(Duration.ofSeconds(3))));
    assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
    LocalReplica other = start("other");
    one.toSource().refuse();
    assertThat(other.pipeline().awaitReady(LIMIT)).isTrue();
    insert(1);
    awaitStoredPosition(other);
    one.await(State.STANDBY);
    assertThat(one.pipeline().status().owner()).contains("other");
    assertThat(Calls.read(journal).violations()).isEmpty();
  }

  @Test
  void aCopyContinuesAfterTheStoreWasAway() throws InterruptedException {
    database.execute("insert into t select generate_series(1, 1000)");
    RecordingDestination recorded = new RecordingDestination();
    Hold hold = recorded.on(Operation.ROWS).once().hold();
    LocalReplica one =
        opened(new LocalReplica(database, "one", recorded, lease -> lease.length(SHORT)));
    LocalReplica other = start("other");
    var unused = hold.awaitReached();
    one.toStore().refuse();
    other.toStore().refuse();
    await()
        .during(SHORT.multipliedBy(Integer.getInteger("takeover.storeAway", 2)))
        .atMost(Duration.ofMinutes(5))
        .until(() -> one.pipeline().status().state() == State.RUNNING);
    hold.release();
    one.toStore().heal();
    other.toStore().heal();
    assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
    assertThat(recorded.calls())
        .filteredOn(call -> call.operation() == Operation.TRUNCATE)
        .hasSize(1);
    assertThat(one.notices()).containsExactly("owner");
    assertThat(other.notices()).containsExactly("standby one");
  }

  @Test
  void aProcessWithoutStandbyIsRefusedAndRefuses() throws InterruptedException {
    LocalReplica one = start("one");
    assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
    PgConnectionConfig impatient =
        database
            .connection()
            .statusInterval(Duration.ofMillis(100))
            .walSenderTimeout(SHORT)
            .lockTimeout(SHORT)
            .build();
    PipelineConfig plain =
        PipelineConfig.builder("it", "pub", impatient).standby(Standby.OFF).build();
    try (MemoryStore store =
            new MemoryStore(
                PostgresLayer.builder(database.connectionConfig(), "it")
                    .answerTimeout(Duration.ofSeconds(1))
                    .build());
        Pipeline pipeline = Pipeline.create(plain, store, new EpochJournal(journal, "plain"))) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(pipeline::start)
          .satisfies(e -> assertThat(e.kind()).isIn(ErrorKind.STORE_LOCKED, ErrorKind.SLOT_IN_USE));
    }
    insert(1);
    awaitStoredPosition(one);
  }

  @Test
  void itNeedsAStoreWithLeasesAndIsAlone() {
    PipelineConfig waiting =
        PipelineConfig.builder("it", "pub", database.connectionConfig())
            .standby(LeaseConfig.builder().build())
            .build();
    RecordingDestination destination = new RecordingDestination();
    try (MemoryStore memory = new MemoryStore()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Pipeline.create(waiting, memory, destination))
          .withMessageContaining("has no leases");
    }
    try (MemoryStore shared =
        new MemoryStore(PostgresLayer.builder(database.connectionConfig(), "it").build())) {
      Pipeline pipeline = Pipeline.create(waiting, shared, destination);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PipelineGroup.of(List.of(pipeline)))
          .withMessageContaining("standby");
      pipeline.close();
      assertThat(pipeline.status().state()).isEqualTo(State.STOPPED);
    }
  }
}
