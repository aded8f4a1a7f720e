package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.table.Table.Wish;
import dev.pgetl.internal.runtime.table.TableEvent.ApplyReached;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.table.TableEvent.Failed;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.table.TableEvent.Retried;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final TableId ID = new TableId(7);
  private static final TableName NAME = new TableName("public", "orders");
  private static final SyncDone DONE = new SyncDone(new Lsn(0x120));
  private static final Errored ERRORED = new Errored("broken", "", RetryDirective.TIMED, 2);
  private static final Failed FAILED = new Failed(ERRORED);

  private final EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
  private final FakeStateStore store = new FakeStateStore();
  private final List<String> reported = new CopyOnWriteArrayList<>();
  private final Tables tables =
      new Tables(
          store,
          new PipelineListener() {
            @Override
            public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
              reported.add(id + " " + name + " " + phase.name());
            }

            @Override
            public void onRowsCopied(TableId id, int rows, long bytes) {
              reported.add(id + " " + rows + " rows " + bytes + " bytes");
            }
          },
          Platform.jvm());

  private Table known(TableReplicationPhase phase) {
    tables.known(ID, NAME, phase);
    return Objects.requireNonNull(tables.find(ID));
  }

  private Table catchingUp() {
    Table table = known(new FinishedCopy());
    table.move(new CaughtUp(new Lsn(0x100)));
    table.move(new FenceSet(table.meet(() -> {})));
    return table;
  }

  /** The apply worker delivers the table from {@code DONE} on, which is not stored yet. */
  private Table agreed() {
    Table table = catchingUp();
    assertThat(table.agree(DONE.lsn())).isTrue();
    return table;
  }

  private static boolean isDelivered(Table table) throws InterruptedException {
    return table.generation(new Lsn(0x200), () -> false) != StreamTables.NOT_OURS;
  }

  private static <T> FutureTask<T> start(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread thread = new Thread(task, "other");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  // ---- moves ----

  @Test
  void storesPhasesInOrderButNotThoseThatLiveInMemory() {
    Table table = tables.add(ID, NAME);
    table.move(new CopyStarted());
    table.move(new CopyFinished());
    table.move(new CaughtUp(new Lsn(1)));
    table.move(new FenceSet(table.meet(() -> {})));
    assertThat(table.phase()).isEqualTo(new Catchup(new Lsn(1)));
    table.agree(DONE.lsn());
    table.move(new HandedOver(DONE.lsn()));

    assertThat(store.history(ID))
        .containsExactly(new Init(), new DataSync(), new FinishedCopy(), DONE);
    assertThat(reported).hasSize(6).last().isEqualTo("7 public.orders SyncDone");
  }

  @Test
  void anIllegalMoveChangesNothing() {
    Table table = known(new Ready());

    assertThatIllegalStateException()
        .isThrownBy(() -> table.move(new CopyStarted()))
        .withMessageContaining("Ready")
        .withMessageContaining("DataSync");

    assertThat(table.phase()).isEqualTo(new Ready());
    assertThat(store.history(ID)).isEmpty();
    assertThat(reported).isEmpty();
  }

  @Test
  void aPhaseThatCouldNotBeStoredIsNotEntered() {
    Table table = tables.add(ID, NAME);
    store.fail(away);

    assertThatThrownBy(() -> table.move(new CopyStarted())).isSameAs(away);
    assertThatThrownBy(() -> table.moveIf(now -> true, new CopyStarted())).isSameAs(away);

    assertThat(table.phase()).isEqualTo(new Init());
    assertThat(reported).hasSize(1);
  }

  @Test
  void movesOnlyFromWhereTheCallerSawIt() {
    Table table = known(DONE);
    SyncDone other = new SyncDone(new Lsn(0x100));
    assertThat(table.moveIf(now -> now.life().phase().equals(other), new ApplyReached())).isFalse();
    assertThat(table.phase()).isEqualTo(DONE);

    assertThat(table.moveIf(now -> now.life().phase().equals(DONE), new ApplyReached())).isTrue();

    assertThat(table.phase()).isEqualTo(new Ready());
    assertThat(store.history(ID)).containsExactly(new Ready());
    assertThat(reported).containsExactly("7 public.orders Ready");
  }

  @Test
  void storeAndMemoryAgreeWhenSeveralMoveATable() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      Table table = known(DONE);
      FutureTask<Boolean> ready =
          start(() -> table.moveIf(now -> now.life().phase().equals(DONE), new ApplyReached()));
      table.restart();
      boolean unused = ready.get(30, TimeUnit.SECONDS);

      assertThat(table.phase()).isEqualTo(new Init());
      assertThat(store.getTableReplicationState(ID)).contains(new Init());
    }
  }

  /** Lock order: the table's lock, then the store; the listener never under it. */
  @Test
  void theListenerIsNotCalledUnderTheTablesLock() throws InterruptedException {
    AtomicReference<@Nullable Table> observed = new AtomicReference<>();
    PipelineListener moving =
        new PipelineListener() {
          @Override
          public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
            Table table = Objects.requireNonNull(observed.get());
            reported.add("moved " + get(start(() -> table.moveIf(now -> false, new Resync()))));
          }
        };
    Tables notifying = new Tables(store, moving, Platform.jvm());
    notifying.known(ID, NAME, DONE);
    Table table = Objects.requireNonNull(notifying.find(ID));
    observed.set(table);

    table.move(new ApplyReached());
    table.wish(Wish.RESYNC);
    table.beginResync();

    assertThat(reported).containsExactly("moved false", "moved false");
  }

  private static boolean get(FutureTask<Boolean> task) {
    try {
      return task.get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("the other thread waits for the table's lock", e);
    }
  }

  // ---- leaving the apply worker ----

  @Test
  void leavesTheApplyWorkerOnlyOnceThatIsStored() throws InterruptedException {
    for (TableEvent event : List.of(new Resync(), FAILED)) {
      Table table = known(new Ready());
      assertLeavesOnceStored(table, event);
    }
    assertLeavesOnceStored(agreed(), new Retried(new FinishedCopy()));
  }

  private void assertLeavesOnceStored(Table table, TableEvent event) throws InterruptedException {
    store.fail(away);
    assertThatThrownBy(() -> table.move(event)).isSameAs(away);
    assertThat(isDelivered(table)).as("%s is not stored", event).isTrue();

    store.fail(null);
    table.move(event);
    assertThat(isDelivered(table)).as("%s is stored", event).isFalse();
  }

  @Test
  void staysWithTheApplyWorkerWhenItIsReady() throws InterruptedException {
    Table table = known(DONE);
    long generation = table.state().generation();

    table.move(new ApplyReached());
    assertThat(isDelivered(table)).isTrue();
    assertThat(table.state().generation()).isEqualTo(generation);

    tables.remove(table);
    assertThat(tables.generation(ID, new Lsn(0x200), () -> false)).isEqualTo(StreamTables.NOT_OURS);
  }

  // ---- retries ----

  @Test
  void continuesFromTheStoredPhaseBefore() {
    Table table = tables.add(ID, NAME);
    table.move(new CopyStarted());
    table.move(new CopyFinished());
    table.move(new CaughtUp(new Lsn(1)));
    table.move(FAILED);

    assertThat(table.prepareRun()).isTrue();
    assertThat(table.prepareRun()).isTrue();

    assertThat(table.phase()).isEqualTo(new FinishedCopy());
    assertThat(store.history(ID))
        .containsExactly(
            new Init(), new DataSync(), new FinishedCopy(), ERRORED, new FinishedCopy());
  }

  @Test
  void continuesFromWhereItWasBeforeTheStart() {
    tables.known(ID, NAME, ERRORED, new DataSync());
    Table table = Objects.requireNonNull(tables.find(ID));
    assertThat(table.phase()).isEqualTo(ERRORED);
    assertThat(table.life().failures()).isEqualTo(2);

    assertThat(table.prepareRun()).isTrue();

    assertThat(table.phase()).isEqualTo(new DataSync());
  }

  /** The write was done, and reported as failed: what is written next does not depend on that. */
  @Test
  void doesNotTakeASecondStepBack() {
    Table table = tables.add(ID, NAME);
    table.move(FAILED);
    store.failAfterWrite(away);
    assertThatThrownBy(table::prepareRun).isSameAs(away);
    assertThat(table.phase()).isEqualTo(ERRORED);
    store.fail(null);

    assertThat(table.prepareRun()).isTrue();

    assertThat(table.phase()).isEqualTo(new Init());
    assertThat(store.getTableReplicationState(ID)).contains(new Init());
  }

  @Test
  void aTableThatWasWithTheApplyWorkerNeverReturnsThereByItself() {
    Table table = known(DONE);
    table.move(FAILED);

    assertThat(table.prepareRun()).isTrue();

    assertThat(store.history(ID)).containsExactly(ERRORED, new Init());
  }

  @Test
  void thereIsNoWorkForATableThatIsAppliedOrFailedForGood() {
    assertThat(known(new Ready()).prepareRun()).isFalse();
    assertThat(known(new Errored("no", "", RetryDirective.MANUAL, 1)).prepareRun()).isFalse();
    assertThat(store.history(ID)).isEmpty();
  }

  @Test
  void needsItsSlotWhileItCatchesUpAndWhileItMayBeRetried() {
    assertThat(known(new FinishedCopy()).needsSlot()).isTrue();
    assertThat(known(ERRORED).needsSlot()).isTrue();
    assertThat(known(new Errored("no", "", RetryDirective.MANUAL, 1)).needsSlot()).isFalse();
    assertThat(known(new Init()).needsSlot()).isFalse();
    assertThat(known(new DataSync()).needsSlot()).isFalse();
    assertThat(known(DONE).needsSlot()).isFalse();
  }

  // ---- wishes ----

  @Test
  void aResyncThatCouldNotBeStoredIsDoneBeforeTheNextRun() throws InterruptedException {
    Table table = known(new Ready());
    table.wish(Wish.RESYNC);
    store.fail(away);
    assertThatThrownBy(table::beginResync).isSameAs(away);
    assertThat(table.wish()).isEqualTo(Wish.RESYNC);
    assertThat(table.phase()).isEqualTo(new Ready());

    store.fail(null);
    assertThat(table.prepareRun()).isTrue();

    assertThat(table.phase()).isEqualTo(new Init());
    assertThat(table.wish()).isEqualTo(Wish.NONE);
    assertThat(reported).containsExactly("7 public.orders Init");
  }

  @Test
  void aTableThatIsForgottenDoesNotMove() throws InterruptedException {
    Table table = known(new FinishedCopy());
    table.wish(Wish.FORGET);

    assertThat(table.moveIf(now -> true, FAILED)).isFalse();
    assertThat(table.prepareRun()).isFalse();
    assertThat(store.history(ID)).isEmpty();

    table.wish(Wish.RESYNC);
    assertThat(table.prepareRun()).isTrue();
    assertThat(table.phase()).isEqualTo(new Init());
  }

  // ---- a store that hangs ----

  @Test
  void aStoreThatHangsDelaysOnlyMovesOfThatTable() throws Exception {
    Table table = known(DONE);
    tables.known(new TableId(8), NAME, DONE);
    Table other = Objects.requireNonNull(tables.find(new TableId(8)));
    FakeStateStore.Hang hang = store.hangIn(ID);
    FutureTask<Boolean> hanging = start(() -> table.moveIf(now -> true, new ApplyReached()));
    hang.awaitBegun();

    FutureTask<Boolean> streams =
        start(
            () -> {
              assertThat(isDelivered(table)).isTrue();
              assertThat(table.isRefused()).isFalse();
              table.refuse(new Lsn(0x118));
              assertThat(tables.acknowledgeable(new Lsn(0x200))).isEqualTo(new Lsn(0x118));
              assertThat(tables.status()).hasSize(2);
              other.move(new ApplyReached());
              return isDelivered(other);
            });

    assertThat(get(streams)).isTrue();
    assertThat(hanging).isNotDone();
    assertThat(store.history(new TableId(8))).containsExactly(new Ready());
    hang.release();
    assertThat(get(hanging)).isTrue();
    assertThat(table.phase()).isEqualTo(new Ready());
    assertThat(tables.acknowledgeable(new Lsn(0x200))).isEqualTo(new Lsn(0x118));
  }

  // ---- status ----

  @Test
  void isRenamed() {
    Table table = known(new Init());
    TableName archived = new TableName("archive", "orders");

    assertThat(table.rename(archived)).isTrue();
    assertThat(table.rename(archived)).isFalse();

    assertThat(table.name()).isEqualTo(archived);
  }

  @Test
  void showsHowFarACopyIs() {
    Table table = tables.add(ID, NAME);
    TableStatus.Builder expected = TableStatus.builder(ID, NAME, new Init());
    assertThat(table.status()).isEqualTo(expected.build());
    table.notes().copyBegins(TableSchema.builder(ID, NAME).build(), 1_000);
    table.copied(10, 100);
    table.copied(20, 300);

    assertThat(table.status())
        .isEqualTo(expected.copiedRows(30).copiedBytes(400).estimatedRows(1_000).build());
    assertThat(reported).contains("7 10 rows 100 bytes", "7 20 rows 300 bytes");

    table.notes().copyBegins(TableSchema.builder(ID, NAME).build(), 2_000);
    assertThat(table.status())
        .isEqualTo(expected.copiedRows(0).copiedBytes(0).estimatedRows(2_000).build());
  }
}
