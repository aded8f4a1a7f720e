package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.table.TableEvent.RangeLeft;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the apply worker must not acknowledge yet, because of one table. */
class TableLimitTest {
  private static final TableId ID = new TableId(7);
  private static final TableName NAME = new TableName("public", "orders");
  private static final SyncDone DONE = new SyncDone(new Lsn(0x120));

  private static final Errored REFUSED =
      new Errored(
          "away",
          "Fix the cause, then resync the table.",
          RetryDirective.MANUAL,
          1,
          ErrorKind.STORE_UNAVAILABLE);

  private final EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
  private final FakeStateStore store = new FakeStateStore();
  private final Tables tables = new Tables(store, PipelineListener.NONE, Platform.jvm());

  private Table known(TableReplicationPhase phase) {
    tables.known(ID, NAME, phase);
    return Objects.requireNonNull(tables.find(ID));
  }

  /** The apply worker delivers the table from {@code DONE} on, which is not stored yet. */
  private Table agreed() {
    Table table = known(new FinishedCopy());
    table.move(new CaughtUp(new Lsn(0x100)));
    table.move(new FenceSet(table.meet(() -> {})));
    assertThat(table.agree(DONE.lsn())).isTrue();
    return table;
  }

  private static boolean isDelivered(Table table) throws InterruptedException {
    return table.generation(new Lsn(0x200), () -> false) != StreamTables.NOT_OURS;
  }

  private void assertAcknowledgeable(long position, long expected) {
    assertThat(tables.acknowledgeable(new Lsn(position))).isEqualTo(new Lsn(expected));
  }

  /** A restart begins behind it, where the sync worker meets the apply worker again. */
  @Test
  void whatIsTakenOverIsAcknowledgedBeforeThatIsStored() {
    Table table = agreed();
    assertAcknowledgeable(0x200, 0x200);
    assertThat(tables.hasPending()).isFalse();
    store.failAfterWrite(away);

    assertThatThrownBy(() -> table.move(new HandedOver(DONE.lsn()))).isSameAs(away);

    assertAcknowledgeable(0x200, 0x200);
  }

  @Test
  void theLowestLimitOfAllTablesCounts() {
    Table first = known(new Ready());
    long firstGeneration = first.refuse(new Lsn(0x120));
    tables.known(new TableId(8), NAME, new Ready());
    Table second = Objects.requireNonNull(tables.find(new TableId(8)));
    long secondGeneration = second.refuse(new Lsn(0x110));
    assertAcknowledgeable(0x200, 0x110);

    assertThat(Refusals.store(second, secondGeneration, away)).isTrue();
    assertAcknowledgeable(0x200, 0x120);

    assertThat(Refusals.store(first, firstGeneration, away)).isTrue();
    assertAcknowledgeable(0x200, 0x200);
  }

  @Test
  void nothingBehindARefusalIsAcknowledgedUntilItIsStored() throws InterruptedException {
    Table table = known(new Ready());
    long generation = table.refuse(new Lsn(0x150));
    table.refuse(new Lsn(0x160)); // the limit stays where the first one set it
    assertThat(table.isRefused()).isTrue();
    assertThat(tables.anyRefused()).isTrue();
    assertAcknowledgeable(0x200, 0x150);
    store.fail(away);
    assertThatThrownBy(() -> Refusals.store(table, generation, away)).isSameAs(away);
    assertAcknowledgeable(0x200, 0x150);
    assertThat(isDelivered(table)).isTrue();

    store.fail(null);
    assertThat(Refusals.store(table, generation, away)).isTrue();

    assertAcknowledgeable(0x200, 0x200);
    assertThat(isDelivered(table)).isFalse();
    assertThat(store.history(ID)).containsExactly(REFUSED);
    assertThat(table.isRefused()).isTrue();
    assertThat(table.passed(table.state().leftAt())).isTrue();
    assertThat(table.isRefused()).isFalse();
    assertThat(tables.anyRefused()).isFalse();
  }

  /** The store must know that the apply worker owns the table before it knows that it failed. */
  @Test
  void aRefusalThatComesBeforeTheAgreedEndIsStoredWaitsForThat() {
    Table table = agreed();
    long generation = table.refuse(new Lsn(0x118));
    assertAcknowledgeable(0x200, 0x118);
    assertThat(Refusals.store(table, generation, away)).isFalse();
    assertThat(store.history(ID)).isEmpty();

    table.move(new HandedOver(DONE.lsn()));
    assertAcknowledgeable(0x200, 0x118);
    assertThat(tables.hasPending()).isTrue();

    assertThat(Refusals.store(table, generation, away)).isTrue();
    assertAcknowledgeable(0x200, 0x200);
    assertThat(store.history(ID)).containsExactly(DONE, REFUSED);
  }

  @Test
  void aRefusalLimitsWhateverIsStoredAtTheSameTime() throws Exception {
    for (int i = 0; i < 5_000; i++) {
      Table table = agreed();
      FutureTask<Boolean> storing =
          new FutureTask<>(() -> table.moveIf(now -> true, new HandedOver(DONE.lsn())));
      new Thread(storing, "other").start();
      table.refuse(new Lsn(0x118));

      assertThat(storing.get(30, TimeUnit.SECONDS)).isTrue();
      assertThat(tables.acknowledgeable(new Lsn(0x200))).isEqualTo(new Lsn(0x118));
      tables.remove(table);
    }
  }

  @Test
  void aRefusedTableDoesNotBecomeReady() {
    Table table = known(DONE);
    long generation = table.refuse(new Lsn(0x110));

    tables.settle(new Lsn(0x200));

    assertThat(table.phase()).isEqualTo(DONE);
    assertThat(Refusals.store(table, generation, away)).isTrue();
  }

  /** A change that was refused after the table left is copied again anyway. */
  @Test
  void aRefusalOfATableThatLeftLimitsNothingAndIsNotStored() {
    Table table = known(new Ready());
    table.restart();

    assertThat(table.refuse(new Lsn(0x110))).isEqualTo(StreamTables.NOT_OURS);

    assertAcknowledgeable(0x200, 0x200);
    assertThat(store.history(ID)).containsExactly(new Init());
  }

  @Test
  void aResyncEndsTheLimit() {
    Table table = agreed();
    long generation = table.refuse(new Lsn(0x118));

    table.restart();

    assertAcknowledgeable(0x200, 0x200);
    assertThat(Refusals.store(table, generation, away)).isTrue();
    assertThat(table.phase()).isEqualTo(new Init());
  }

  @Test
  void aTableThatWasRefusedDoesNotLeave() {
    Table table = known(new Ready());
    table.refuse(new Lsn(0x150));

    assertThat(TableExit.leave(table, tables, new Lsn(0x300))).isEqualTo(Lsn.ZERO);
    assertAcknowledgeable(0x400, 0x150);
  }

  @Test
  void whatIsRefusedWhileTheTableLeavesIsNotAcknowledged() {
    Table table = known(new Ready());
    assertThat(TableExit.leave(table, tables, new Lsn(0x300))).isEqualTo(new Lsn(0x300));
    assertAcknowledgeable(0x400, 0x300);

    table.refuse(new Lsn(0x150));
    assertAcknowledgeable(0x400, 0x150);
    assertThat(table.moveIf(TableState::isLeaving, new RangeLeft())).isFalse();
  }

  @Test
  void onceATableHasLeftNothingIsHeldBack() throws InterruptedException {
    Table table = known(new Ready());
    assertThat(TableExit.leave(table, tables, new Lsn(0x300))).isEqualTo(new Lsn(0x300));
    assertThat(isDelivered(table)).isTrue();
    assertThat(table.generation(new Lsn(0x300), () -> false)).isEqualTo(StreamTables.NOT_OURS);

    assertThat(table.moveIf(TableState::isLeaving, new RangeLeft())).isTrue();
    assertAcknowledgeable(0x400, 0x400);
    assertThat(isDelivered(table)).isFalse();
  }
}
