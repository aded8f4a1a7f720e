package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.table.TableEvent.ApplyReached;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.table.TableEvent.Failed;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.worker.RecordedLog;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TablesTest {
  private static final TableId ID = new TableId(7);
  private static final TableId OTHER = new TableId(8);
  private static final TableName NAME = new TableName("public", "orders");
  private static final SyncDone DONE = new SyncDone(new Lsn(0x120));
  private static final Errored MANUAL = new Errored("no", "fix it", RetryDirective.MANUAL, 1);
  private static final Errored ERRORED = new Errored("broken", "", RetryDirective.TIMED, 2);
  private static final long FOREVER = TimeUnit.DAYS.toNanos(1);

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
          },
          Platform.jvm());

  private Table known(TableId id, TableReplicationPhase phase) {
    tables.known(id, NAME, phase);
    return Objects.requireNonNull(tables.find(id));
  }

  /** A table that was copied is handed over at a position, and that is stored. */
  static void handOver(Table table, Lsn end) {
    table.move(new CopyStarted());
    table.move(new CopyFinished());
    table.move(new CaughtUp(end));
    table.move(new FenceSet(table.meet(() -> {})));
    table.agree(end);
    table.move(new HandedOver(end));
  }

  // ---- the registry ----

  @Test
  void aNewTableBeginsAtTheBeginningAndIsStored() {
    Table table = tables.add(ID, NAME);

    assertThat(table.phase()).isEqualTo(new Init());
    assertThat(tables.find(ID)).isSameAs(table);
    assertThat(tables.all()).containsExactly(table);
    assertThat(store.history(ID)).containsExactly(new Init());
    assertThat(reported).containsExactly("7 public.orders Init");
  }

  @Test
  void aKnownTableIsWhereItWas() {
    Table table = known(ID, DONE);

    assertThat(table.phase()).isEqualTo(DONE);
    assertThat(table.name()).isEqualTo(NAME);
    assertThat(store.history(ID)).isEmpty();
    assertThat(reported).isEmpty();
  }

  @Test
  void aTableNobodyKnowsIsNotFound() {
    assertThat(tables.find(ID)).isNull();
    assertThat(tables.all()).isEmpty();
    assertThat(tables.status()).isEmpty();
    assertThat(tables.hasPending()).isFalse();
    assertThat(tables.anyRefused()).isFalse();
  }

  @Test
  void aTableThatCannotBeStoredIsNotKnown() {
    store.fail(away);
    assertThatThrownBy(() -> tables.add(ID, NAME)).isSameAs(away);
    assertThat(tables.find(ID)).isNull();
    assertThat(reported).isEmpty();

    store.fail(null);
    assertThat(tables.add(ID, NAME).phase()).isEqualTo(new Init());
    assertThat(reported).hasSize(1);
  }

  @Test
  void listsTablesInTheOrderOfTheirIds() {
    Table second = known(OTHER, new Ready());
    Table first = known(ID, DONE);

    assertThat(tables.all()).containsExactly(first, second);
    assertThat(tables.status()).isEqualTo(Map.of(ID, first.status(), OTHER, second.status()));
  }

  @Test
  void forgetsATable() {
    Table table = tables.add(ID, NAME);

    tables.remove(table);

    assertThat(tables.all()).isEmpty();
    assertThat(tables.status()).isEmpty();
  }

  /** Otherwise the apply worker would never acknowledge anything again. */
  @Test
  void aTableThatWasForgottenLimitsNothing() {
    Table table = known(ID, new Ready());
    table.refuse(new Lsn(0x110));

    tables.remove(table);

    assertThat(tables.acknowledgeable(new Lsn(0x200))).isEqualTo(new Lsn(0x200));
    assertThat(tables.anyRefused()).isFalse();
    assertThat(tables.hasPending()).isFalse();
  }

  // ---- what the apply worker has reached ----

  @Test
  void aTableIsReadyOnceTheApplyWorkerReachedTheEndOfItsSyncWorker() {
    Table table = known(ID, DONE);
    assertThat(tables.hasPending()).isTrue();
    assertThat(tables.isReached(new Lsn(0x11F))).isFalse();
    tables.settle(new Lsn(0x11F));
    assertThat(table.phase()).isEqualTo(DONE);
    assertThat(tables.isReached(new Lsn(0x120))).isTrue();

    tables.settle(new Lsn(0x120));

    assertThat(table.phase()).isEqualTo(new Ready());
    assertThat(store.history(ID)).containsExactly(new Ready());
    assertThat(tables.isReached(new Lsn(0x121))).isFalse();
    assertThat(tables.hasPending()).isFalse();
  }

  @Test
  void onlyTablesWhoseEndWasReachedAreReady() {
    Table later = known(ID, new SyncDone(new Lsn(0x140)));
    Table sooner = known(OTHER, DONE);

    tables.settle(new Lsn(0x130));

    assertThat(sooner.phase()).isEqualTo(new Ready());
    assertThat(later.phase()).isEqualTo(new SyncDone(new Lsn(0x140)));
    tables.settle(new Lsn(0x140));
    assertThat(later.phase()).isEqualTo(new Ready());
  }

  @Test
  void aTableThatCouldNotBeStoredAsReadyIsSettledNextTime() {
    Table table = known(ID, DONE);
    store.fail(away);
    assertThatThrownBy(() -> tables.settle(DONE.lsn())).isSameAs(away);
    assertThat(tables.isReached(DONE.lsn())).isTrue();

    store.fail(null);
    tables.settle(DONE.lsn());

    assertThat(table.phase()).isEqualTo(new Ready());
  }

  @Test
  void whatWasReachedBeforeATableLeftSaysNothingOfItsReturn() {
    Table table = known(ID, DONE);
    table.restart();
    handOver(table, new Lsn(0x140));

    tables.settle(DONE.lsn());
    assertThat(table.phase()).isEqualTo(new SyncDone(new Lsn(0x140)));

    tables.settle(new Lsn(0x140));
    assertThat(table.phase()).isEqualTo(new Ready());
    assertThat(tables.hasPending()).isFalse();
  }

  // ---- who is notified ----

  @Test
  void logsOneLineForEveryPhaseUnderTheNameOfTheTable() {
    try (RecordedLog log = new RecordedLog(Tables.class)) {
      tables.startAt(new Lsn(0x20));
      Table table = tables.add(ID, NAME);
      handOver(table, DONE.lsn());
      table.move(new ApplyReached());
      table.move(new Failed(ERRORED));

      assertThat(log.lines())
          .containsExactly(
              "table public.orders is Init",
              "table public.orders is DataSync",
              "table public.orders is FinishedCopy",
              "table public.orders is SyncWait, at 0/120",
              "table public.orders is Catchup, up to 0/20",
              "table public.orders is SyncDone, at 0/120",
              "table public.orders is Ready",
              "table public.orders failed: broken (TIMED, attempt 2)");
      assertThat(log.events())
          .allSatisfy(
              line -> assertThat(line.getMDCPropertyMap()).containsEntry("table", "public.orders"));
    }
  }

  @Test
  void waitsUntilEveryTableIsReady() throws Exception {
    assertThat(awaitReady(0)).isTrue();
    Table table = known(ID, DONE);
    Table unused = known(OTHER, new Ready());
    assertThat(awaitReady(1)).isFalse();
    FutureTask<Boolean> ready = new FutureTask<>(() -> awaitReady(FOREVER));
    Thread waiting = new Thread(ready, "waiting");
    waiting.start();
    await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);

    table.move(new ApplyReached());

    assertThat(ready.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void doesNotWaitOnceThePipelineHasEnded() throws InterruptedException {
    Table unused = tables.add(ID, NAME);

    assertThat(tables.await(TablesTest::isReady, FOREVER, () -> true)).isFalse();
  }

  /** It would wait for a person; which table it is stands in the log. */
  @Test
  void doesNotWaitForATableThatHasFailedForGood() throws InterruptedException {
    Table unused = known(ID, new Errored("no", "fix it", RetryDirective.MANUAL, 1));

    try (RecordedLog log = new RecordedLog(Tables.class)) {
      assertThat(awaitReady(TimeUnit.SECONDS.toNanos(1))).isFalse();

      assertThat(log.lines()).containsExactly("table public.orders failed: no (MANUAL, attempt 1)");
    }
  }

  /** The operator has done what was needed; the store does not know yet. */
  @Test
  void waitsForATableThatIsGoingToBeResynced() throws InterruptedException {
    Table table = known(ID, new Errored("no", "fix it", RetryDirective.MANUAL, 1));
    table.wish(Table.Wish.RESYNC);

    try (RecordedLog log = new RecordedLog(Tables.class)) {
      assertThat(awaitReady(1)).isFalse();

      assertThat(log.lines()).isEmpty();
    }
  }

  /** It was copied a moment before, so it is missing for the first look and none for the second. */
  @Test
  void waitsForTheOthersIfATableThatMayFailDoesSoBetweenTwoLooks() throws InterruptedException {
    Table failing = known(ID, new DataSync());
    Table copied = known(OTHER, new DataSync());
    Queue<Runnable> meanwhile =
        new ArrayDeque<>(
            List.of(() -> failing.move(new Failed(MANUAL)), () -> copied.move(new CopyFinished())));

    boolean over =
        tables.await(
            table -> table.life().isCopied() || table.life().needsManualRetry(),
            FOREVER,
            () -> {
              Runnable next = meanwhile.poll();
              if (next != null) {
                next.run();
              }
              return false;
            });

    assertThat(over).isTrue();
    assertThat(copied.life().isCopied()).isTrue();
  }

  /** The positions behind the end are used again, by transactions that follow. */
  @Test
  void noTableWaitsForATransactionBehindTheEndOfTheHistory() {
    Table left = known(ID, new Ready());
    Table other = known(OTHER, new Init());
    tables.begin(new Lsn(0x200));
    left.restart();

    tables.endAt(new Lsn(0x300));
    assertThat(left.state().leftAt()).isEqualTo(new Lsn(0x200));
    tables.endAt(new Lsn(0x100));

    assertThat(left.state().leftAt()).isEqualTo(new Lsn(0xff)).isEqualTo(tables.lastBegun());
    assertThat(other.state().leftAt()).isNull();
  }

  private boolean awaitReady(long nanos) throws InterruptedException {
    return tables.await(TablesTest::isReady, nanos, () -> false);
  }

  private static boolean isReady(Table table) {
    return table.phase() instanceof Ready;
  }

  /** A stream that has announced a version of the table must not take it for announced. */
  @Test
  void aTableThatComesBackHasAnotherGeneration() throws InterruptedException {
    long before = generation(known(ID, new Ready()));
    tables.remove(Objects.requireNonNull(tables.find(ID)));

    assertThat(generation(known(ID, new Ready()))).isNotEqualTo(before);
  }

  private static long generation(Table table) throws InterruptedException {
    return table.generation(new Lsn(0x200), () -> false);
  }
}
