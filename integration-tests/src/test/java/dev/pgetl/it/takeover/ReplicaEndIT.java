package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Replicas that end while they start, or because their state is gone. */
@ExtendWith(PostgresExtension.class)
class ReplicaEndIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final TestDatabase database;
  private final RecordingDestination destination = new RecordingDestination();

  ReplicaEndIT(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void createTable() {
    database.execute("create table t (id bigint primary key); create publication pub for table t;");
  }

  private LocalReplica replica() {
    return new LocalReplica(
        database, "one", destination, lease -> lease.length(Duration.ofSeconds(2)));
  }

  @Test
  void whoIsAskedToEndWhileItLooksAtTheSourceEnds() throws InterruptedException {
    try (LocalReplica one = replica()) {
      one.toSource().stall();
      Thread starter = new Thread(one::start, "starter");
      starter.start();
      await().atMost(LIMIT).until(() -> one.toSource().openConnections() > 0);
      one.pipeline().shutdown();
      one.toSource().heal();
      assertThat(one.pipeline().awaitTermination(LIMIT)).isTrue();
      starter.join(LIMIT.toMillis());
      assertThat(starter.isAlive()).isFalse();
      assertThat(one.pipeline().status().state()).isEqualTo(State.STOPPED);
      await().atMost(LIMIT).until(() -> one.toSource().openConnections() == 0);
    }
    assertThat(destination.calls()).isEmpty();
  }

  /** It may have opened something. */
  @Test
  void whoseDestinationDoesNotStartFailsAndClosesIt() {
    destination.on(Operation.STARTUP).reject(ErrorKind.DESTINATION_AUTHENTICATION);
    try (LocalReplica one = replica()) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(one::start)
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.DESTINATION_AUTHENTICATION));
      assertThat(one.pipeline().status().state()).isEqualTo(State.FAILED);
      assertThat(destination.calls(Operation.CLOSE)).hasSize(1);
    }
    assertThat(destination.calls(Operation.CLOSE)).hasSize(1);
  }

  /** Names of slots belong to the server, not to the database. */
  @Test
  void whoseSlotBelongsToAnotherDatabaseSaysSoAndWaits() throws InterruptedException {
    String slot = "pgetl_apply_it";
    try (TestDatabase other = database.server().createDatabase();
        LocalReplica one = replica()) {
      other.execute("select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
      one.start();
      await().atMost(LIMIT).until(() -> one.pipeline().status().failure().isPresent());
      assertThat(one.pipeline().status().state()).isEqualTo(State.STANDBY);
      assertThat(one.pipeline().status().failure().orElseThrow().message())
          .contains(slot, "belongs to database");
      other.execute("select pg_drop_replication_slot('" + slot + "')");
      assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
      assertThat(one.pipeline().status().failure()).isEmpty();
    }
  }

  @Test
  void whoseStateWasRemovedFails() throws InterruptedException {
    try (LocalReplica one = replica().start()) {
      assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
      database.execute("delete from pgetl.pipeline where name = 'it'");
      one.await(State.FAILED);
      assertThat(one.pipeline().status().failure().orElseThrow().kind())
          .isIn(ErrorKind.STORE_CORRUPT, ErrorKind.STORE_UNAVAILABLE);
    }
  }

  /** Its call hangs and its engine cannot end yet: the engine after it answers. */
  @Test
  void aWaitOutlastsTheLossOfTheLease() throws Exception {
    database.execute("insert into t values (1)");
    try (LocalReplica one = replica().start()) {
      assertThat(one.pipeline().awaitReady(LIMIT)).isTrue();
      assertThat(one.pipeline().status().copies().copiedRows()).isEqualTo(1);
      Hold hold = destination.on(Operation.EVENTS).once().hold();
      database.execute("insert into t values (2)");
      hold.awaitReached();
      database.execute(
          "update pgetl.pipeline set owner = 'other', epoch = epoch + 1, lease_until = now()");
      await().atMost(LIMIT).until(() -> one.pipeline().status().state() == State.STOPPING);
      Lsn end = database.currentLsn();
      FutureTask<Boolean> applied = new FutureTask<>(() -> one.pipeline().awaitApplied(end, LIMIT));
      new Thread(applied, "application").start();
      await().atMost(LIMIT).until(() -> one.notices().contains("standby other"));
      assertThat(applied.get()).isTrue();
    }
  }
}
