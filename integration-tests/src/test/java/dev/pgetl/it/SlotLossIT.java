package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A slot that cannot give what the pipeline has not got yet: changes are gone from the stream. */
class SlotLossIT {
  private static final String SLOT = "pgetl_apply_it";

  private static final PostgresCluster CLUSTER = PostgresCluster.builder().start();

  private final Scenario scenario = Scenario.on(CLUSTER.createDatabase());

  @BeforeEach
  void start() throws InterruptedException {
    scenario
        .source()
        .execute(
            Scenario.USERS_AND_ORDERS
                + "insert into users(id, name, age) select g, 'u', g from generate_series(1, 10) g");
    scenario.start().awaitReady();
    scenario.source().execute("insert into users(id, name, age) values (11, 'streamed', 11)");
    scenario.awaitApplied();
  }

  @AfterEach
  void close() {
    scenario.close();
    CLUSTER.set("max_slot_wal_keep_size", "-1");
  }

  @AfterAll
  static void stopCluster() {
    CLUSTER.close();
  }

  /** S71. */
  @Test
  void anInvalidatedSlotEndsTheStartAndChangesNothing() throws InterruptedException {
    scenario.stop();
    changeInTheGap();
    invalidateSlot();
    assertStartFailsAndChangesNothing("invalidated");
    assertThat(scenario.source().slot(SLOT).walStatus()).isEqualTo("lost");
  }

  /** S71, behaviour RECREATE. */
  @Test
  void anInvalidatedSlotIsMadeAnewAndEverythingCopiedAgain() throws InterruptedException {
    scenario.stop();
    changeInTheGap();
    invalidateSlot();
    recreate();
  }

  /** The slot is invalidated under the pipeline, because the destination takes too long. */
  @Test
  void aSlotThatIsInvalidatedUnderThePipelineEndsIt() throws InterruptedException {
    Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
    changeInTheGap();
    hold.awaitReached();
    invalidateSlot();
    hold.release();
    EtlException failure =
        catchThrowableOfType(
            EtlException.class, () -> scenario.pipeline().awaitTermination(Duration.ofSeconds(30)));
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_LOST);
    assertThat(failure.fix()).contains("max_slot_wal_keep_size").contains("RECREATE");
    recreate();
  }

  /**
   * A slot that is not there any more while progress is remembered is a lost slot as well: what was
   * committed since then is in no stream. Only a pipeline that has not copied anything yet just
   * makes one.
   */
  @Test
  void aSlotThatWasDroppedIsLost() throws InterruptedException {
    scenario.stop();
    changeInTheGap();
    ServerSide.awaitFreeSlots(scenario);
    scenario.source().execute("select pg_drop_replication_slot('pgetl_apply_it')");
    assertStartFailsAndChangesNothing("does not exist any more");
    recreate();
  }

  /** Somebody moved the slot: what it passed by is lost. */
  @Test
  void aSlotThatWasMovedForwardIsLost() throws InterruptedException {
    scenario.stop();
    changeInTheGap();
    ServerSide.awaitFreeSlots(scenario);
    scenario
        .source()
        .execute("select pg_replication_slot_advance('pgetl_apply_it', pg_current_wal_lsn())");
    assertStartFailsAndChangesNothing("ahead of the remembered position");
    recreate();
  }

  /**
   * The store remembers another history of the database, with positions the database has not
   * reached (again) yet: it was restored, or it is another one. Nothing of that history is left.
   */
  @Test
  void aDatabaseWithAnotherHistoryIsCopiedAgainAndTheOldHistoryForgotten()
      throws InterruptedException {
    scenario.stop();
    TableId users = scenario.tableId("users");
    Lsn elsewhere = scenario.source().currentLsn().plus(1L << 30);
    TableSchema known = scenario.store().getTableSchema(users).orElseThrow();
    List<ColumnSchema> columns = new ArrayList<>(known.columns());
    columns.remove(2);
    scenario
        .store()
        .storeTableSchema(known.toBuilder().snapshotLsn(elsewhere).columns(columns).build());
    scenario.store().storeTableMapping(users, "somewhere");
    SlotLineage lineage = new SlotLineage("another cluster", 1, elsewhere);
    scenario.store().storeReplicationProgress(new ReplicationProgress(SLOT, lineage, elsewhere));
    changeInTheGap();
    assertStartFailsAndChangesNothing("belongs to cluster another cluster");
    recreate();
    TableSchema now = scenario.store().getTableSchema(users).orElseThrow();
    assertThat(now.snapshotLsn()).isLessThan(elsewhere);
    assertThat(now.columns()).extracting(ColumnSchema::name).containsExactly("id", "name", "age");
    assertThat(scenario.store().getTableMapping(users)).contains("somewhere");
  }

  /**
   * The slot of one table only, with more in it than fits into memory and the network's buffers:
   * that table is copied again, the others do not notice.
   */
  @Test
  void aTableWhoseOwnSlotIsLostIsCopiedAgain() throws InterruptedException {
    scenario.stop();
    scenario.options(builder -> builder.maxBufferedBytes(256 << 10)).start().awaitReady();
    Hold copy = scenario.destination().on(Operation.ROWS).of("users").once().hold();
    Hold catchUp = scenario.destination().on(Operation.EVENTS).of("users").once().hold();
    scenario.pipeline().resync(scenario.tableId("users"));
    copy.awaitReached();
    scenario
        .source()
        .execute(
            "insert into users(id, name, age) select g, repeat('x', 500), g from generate_series(101, 30000) g");
    scenario.awaitApplied(); // the main stream is past it: it is the table's own stream's
    copy.release();
    catchUp.awaitReached();
    scenario
        .source()
        .execute(
            """
            select pg_terminate_backend(active_pid, 10000) from pg_replication_slots where slot_name like 'pgetl_sync%';
            select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like 'pgetl_sync%';
            """);
    catchUp.release();
    scenario.awaitReady().awaitApplied();
    assertThat(scenario.destination().truncations("users")).isEqualTo(3);
    assertThat(scenario.destination().truncations("orders")).isEqualTo(1);
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
  }

  private void changeInTheGap() {
    scenario
        .source()
        .execute(
            """
            insert into users(id, name, age) values (12, 'in the gap', 12);
            update users set age = 0 where id = 1; delete from users where id = 2;
            """);
  }

  private void invalidateSlot() {
    CLUSTER.set("max_slot_wal_keep_size", "1MB");
    scenario.source().execute("create table filler(x text)");
    await()
        .atMost(Scenario.PATIENCE)
        .pollDelay(Duration.ZERO)
        .until(
            () -> {
              scenario
                  .source()
                  .execute(
                      "insert into filler select repeat('x', 1000) from generate_series(1, 20000) g; select pg_switch_wal(); checkpoint");
              return scenario.source().slot(SLOT).walStatus().equals("lost");
            });
  }

  private void assertStartFailsAndChangesNothing(String reason) {
    ServerSide.awaitFreeSlots(scenario);
    Map<TableId, TableReplicationPhase> phases = scenario.store().getTableReplicationStates();
    ReplicationProgress progress = scenario.store().getReplicationProgress(SLOT).orElseThrow();
    List<SlotState> slots = scenario.source().slots();
    int truncations = scenario.destination().calls(Operation.TRUNCATE).size();
    EtlException failure = catchThrowableOfType(EtlException.class, scenario::start);
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_LOST);
    assertThat(failure.summary()).contains(SLOT).contains(reason);
    assertThat(failure.fix()).contains("RECREATE");
    assertThat(scenario.store().getTableReplicationStates()).isEqualTo(phases);
    assertThat(scenario.store().getReplicationProgress(SLOT)).contains(progress);
    assertThat(scenario.source().slots()).isEqualTo(slots);
    assertThat(scenario.destination().calls(Operation.TRUNCATE)).hasSize(truncations);
    assertThat(scenario.destination().rowWrites("users")).isEqualTo(1);
  }

  private void recreate() throws InterruptedException {
    scenario
        .options(builder -> builder.invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE))
        .start()
        .awaitReady();
    scenario.source().execute("insert into users(id, name, age) values (13, 'afterwards', 13)");
    scenario.awaitApplied();
    assertThat(scenario.destination().truncations("users")).isEqualTo(2);
    assertThat(scenario.source().slots())
        .allSatisfy(slot -> assertThat(slot.walStatus()).isNotEqualTo("lost"));
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredInOrderExceptReplays()
        .converged(scenario.source(), "users", "orders", "sentinel");
  }
}
