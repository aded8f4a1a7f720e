package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TableStatesTest {
  private static final TableId TABLE = new TableId(7);
  private static final TableId OTHER = new TableId(8);
  private static final TableName NAME = new TableName("public", "orders");
  private static final SyncDone DONE = new SyncDone(new Lsn(0x120));
  private static final Errored ERRORED = new Errored("broken", "", RetryDirective.TIMED, 2);
  private static final long FOREVER = TimeUnit.DAYS.toNanos(1);

  private final EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
  private final FakeStateStore store = new FakeStateStore();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final HandOver handOver = new HandOver();
  private final TableStates states =
      new TableStates(
          store,
          new PipelineListener() {
            @Override
            public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
              heard.add(id + " " + name + " " + phase.name());
            }

            @Override
            public void onRowsCopied(TableId id, int rows, long bytes) {
              heard.add(id + " " + rows + " rows " + bytes + " bytes");
            }
          },
          handOver);

  private TableStatus status(TableId id) {
    return Objects.requireNonNull(states.status().get(id));
  }

  @Test
  void aNewTableBeginsAtTheBeginningAndIsStored() {
    states.add(TABLE, NAME);

    assertThat(states.phase(TABLE)).isEqualTo(new Init());
    assertThat(states.contains(TABLE)).isTrue();
    assertThat(states.ids()).containsExactly(TABLE);
    assertThat(store.history(TABLE)).containsExactly(new Init());
    assertThat(heard).containsExactly("7 public.orders Init");
  }

  @Test
  void aKnownTableIsWhereItWas() {
    states.known(TABLE, NAME, DONE);

    assertThat(states.phase(TABLE)).isEqualTo(DONE);
    assertThat(states.name(TABLE)).isEqualTo(NAME);
    assertThat(store.history(TABLE)).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void aTableNobodyKnowsHasNoPhase() {
    assertThat(states.phase(TABLE)).isNull();
    assertThat(states.contains(TABLE)).isFalse();
    assertThat(states.name(TABLE).toString()).contains("7");
    assertThat(states.move(TABLE, new Init(), new DataSync())).isFalse();
    states.set(TABLE, new DataSync());
    assertThat(store.history(TABLE)).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void storesPhasesInOrderButNotThoseThatLiveInMemory() {
    states.add(TABLE, NAME);
    states.set(TABLE, new DataSync());
    states.set(TABLE, new FinishedCopy());
    states.set(TABLE, new SyncWait(new Lsn(1)));
    states.set(TABLE, new Catchup(new Lsn(2)));
    assertThat(states.phase(TABLE)).isEqualTo(new Catchup(new Lsn(2)));
    states.set(TABLE, DONE);

    assertThat(store.history(TABLE))
        .containsExactly(new Init(), new DataSync(), new FinishedCopy(), DONE);
    assertThat(heard).hasSize(6);
  }

  @Test
  void aPhaseThatCouldNotBeStoredIsNotEntered() {
    states.add(TABLE, NAME);
    store.fail(new EtlException(ErrorKind.STORE_UNAVAILABLE, "test"));

    assertThatThrownBy(() -> states.set(TABLE, new DataSync())).isInstanceOf(EtlException.class);
    assertThatThrownBy(() -> states.move(TABLE, new Init(), new DataSync()))
        .isInstanceOf(EtlException.class);

    assertThat(states.phase(TABLE)).isEqualTo(new Init());
    assertThat(heard).hasSize(1);
  }

  @Test
  void movesATableOnlyFromWhereTheCallerSawIt() {
    states.known(TABLE, NAME, DONE);
    assertThat(states.move(TABLE, new SyncDone(new Lsn(0x100)), new Ready())).isFalse();
    assertThat(states.phase(TABLE)).isEqualTo(DONE);

    assertThat(states.move(TABLE, DONE, new Ready())).isTrue();

    assertThat(states.phase(TABLE)).isEqualTo(new Ready());
    assertThat(states.move(TABLE, DONE, new Ready())).isFalse();
    assertThat(store.history(TABLE)).containsExactly(new Ready());
    assertThat(heard).containsExactly("7 public.orders Ready");
  }

  @Test
  void storeAndMemoryAgreeWhenSeveralMoveATable() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      states.known(TABLE, NAME, DONE);
      FutureTask<Boolean> ready = new FutureTask<>(() -> states.move(TABLE, DONE, new Ready()));
      Thread mainStream = new Thread(ready, "main stream");
      mainStream.start();
      states.set(TABLE, new Init());
      mainStream.join();

      assertThat(states.phase(TABLE)).isEqualTo(new Init());
      assertThat(store.getTableReplicationState(TABLE)).contains(new Init());
    }
  }

  @Test
  void aTableThatCannotBeStoredIsNotKnown() {
    store.fail(away);
    assertThatThrownBy(() -> states.add(TABLE, NAME)).isSameAs(away);
    assertThat(states.contains(TABLE)).isFalse();
    assertThat(heard).isEmpty();

    store.fail(null);
    states.add(TABLE, NAME);
    assertThat(states.phase(TABLE)).isEqualTo(new Init());
    assertThat(heard).hasSize(1);
  }

  @Test
  void aTableLeavesTheMainStreamOnlyOnceThatIsStored() throws InterruptedException {
    for (TableReplicationPhase phase : List.of(new Init(), ERRORED, new FinishedCopy())) {
      states.known(TABLE, NAME, new Ready());
      handOver.carried(TABLE);
      store.fail(away);
      assertThatThrownBy(() -> states.set(TABLE, phase)).isSameAs(away);
      assertThatThrownBy(() -> states.move(TABLE, new Ready(), phase)).isSameAs(away);
      assertThat(isCarried()).as("%s is not stored", phase).isTrue();

      store.fail(null);
      states.set(TABLE, phase);
      assertThat(isCarried()).as("%s is stored", phase).isFalse();
    }
  }

  @Test
  void aTableStaysWithTheMainStreamWhenItIsReady() throws InterruptedException {
    states.known(TABLE, NAME, DONE);
    handOver.done(TABLE, DONE.lsn());

    states.move(TABLE, DONE, new Ready());
    assertThat(isCarried()).isTrue();

    states.remove(TABLE);
    assertThat(isCarried()).isFalse();
  }

  private boolean isCarried() throws InterruptedException {
    return handOver.accepts(TABLE, new Lsn(0x200), () -> false);
  }

  @Test
  void goesOnFromTheStoredPhaseBefore() {
    states.add(TABLE, NAME);
    states.set(TABLE, new FinishedCopy());
    states.set(TABLE, new Catchup(new Lsn(2)));
    states.set(TABLE, ERRORED);

    states.resume(TABLE);
    states.resume(TABLE);

    assertThat(states.phase(TABLE)).isEqualTo(new FinishedCopy());
    assertThat(store.history(TABLE))
        .containsExactly(new Init(), new FinishedCopy(), ERRORED, new FinishedCopy());
  }

  @Test
  void goesOnFromWhereItWasBeforeTheStart() {
    states.known(TABLE, NAME, ERRORED, new DataSync());
    assertThat(states.phase(TABLE)).isEqualTo(ERRORED);
    assertThat(states.nextFailure(TABLE)).isEqualTo(3);

    states.resume(TABLE);

    assertThat(states.phase(TABLE)).isEqualTo(new DataSync());
  }

  /** The write was done, and reported as failed: what is written next does not depend on that. */
  @Test
  void doesNotTakeASecondStepBack() {
    states.add(TABLE, NAME);
    states.set(TABLE, ERRORED);
    store.failAfterWrite(away);
    assertThatThrownBy(() -> states.resume(TABLE)).isSameAs(away);
    assertThat(states.phase(TABLE)).isEqualTo(ERRORED);
    store.fail(null);

    states.resume(TABLE);

    assertThat(states.phase(TABLE)).isEqualTo(new Init());
    assertThat(store.getTableReplicationState(TABLE)).contains(new Init());
  }

  @Test
  void aTableThatWasWithTheMainStreamNeverGoesBackThereByItself() {
    states.known(TABLE, NAME, DONE);
    states.set(TABLE, ERRORED);

    states.resume(TABLE);

    assertThat(store.history(TABLE)).containsExactly(ERRORED, new Init());
  }

  @Test
  void countsFailuresInARow() {
    states.add(TABLE, NAME);
    assertThat(states.nextFailure(TABLE)).isEqualTo(1);
    states.set(TABLE, new Errored("broken", "", RetryDirective.TIMED, 1));
    states.set(TABLE, new DataSync());
    assertThat(states.nextFailure(TABLE)).isEqualTo(2);

    states.set(TABLE, DONE);
    assertThat(states.nextFailure(TABLE)).isEqualTo(1);

    states.set(TABLE, ERRORED);
    states.set(TABLE, new Ready());
    assertThat(states.nextFailure(TABLE)).isEqualTo(1);

    states.set(TABLE, ERRORED);
    states.forgetFailures(TABLE);
    assertThat(states.nextFailure(TABLE)).isEqualTo(1);
    assertThat(states.nextFailure(OTHER)).isEqualTo(1);
  }

  @Test
  void goesOnCountingWhatFailedBeforeTheStart() {
    states.known(TABLE, NAME, ERRORED);

    assertThat(states.nextFailure(TABLE)).isEqualTo(3);
  }

  @Test
  void renamesATable() {
    states.add(TABLE, NAME);
    states.rename(TABLE, new TableName("archive", "orders"));
    states.rename(OTHER, NAME);

    assertThat(states.name(TABLE)).isEqualTo(new TableName("archive", "orders"));
    assertThat(states.contains(OTHER)).isFalse();
  }

  @Test
  void forgetsATable() {
    states.add(TABLE, NAME);

    states.remove(TABLE);

    assertThat(states.ids()).isEmpty();
    assertThat(states.status()).isEmpty();
  }

  @Test
  void showsHowFarACopyIs() {
    states.add(TABLE, NAME);
    TableStatus.Builder expected = TableStatus.builder(TABLE, NAME, new Init());
    assertThat(status(TABLE)).isEqualTo(expected.build());
    states.copyBegins(TABLE, 1_000);
    states.copied(TABLE, 10, 100);
    states.copied(TABLE, 20, 300);

    assertThat(status(TABLE))
        .isEqualTo(expected.copiedRows(30).copiedBytes(400).estimatedRows(1_000).build());
    assertThat(heard).contains("7 10 rows 100 bytes", "7 20 rows 300 bytes");

    states.copyBegins(TABLE, 2_000);
    assertThat(status(TABLE))
        .isEqualTo(expected.copiedRows(0).copiedBytes(0).estimatedRows(2_000).build());
  }

  @Test
  void logsOneLineForEveryStateUnderTheNameOfTheTable() {
    try (RecordedLog log = new RecordedLog(TableStates.class)) {
      states.add(TABLE, NAME);
      states.set(TABLE, new SyncWait(new Lsn(0x10)));
      states.set(TABLE, new Catchup(new Lsn(0x20)));
      states.set(TABLE, DONE);
      states.move(TABLE, DONE, new Ready());
      states.set(TABLE, ERRORED);

      assertThat(log.lines())
          .containsExactly(
              "table public.orders is Init",
              "table public.orders is SyncWait, at 0/10",
              "table public.orders is Catchup, up to 0/20",
              "table public.orders is SyncDone, at 0/120",
              "table public.orders is Ready",
              "table public.orders stands still: broken (TIMED, attempt 2)");
      assertThat(log.events())
          .allSatisfy(
              line -> assertThat(line.getMDCPropertyMap()).containsEntry("table", "public.orders"));
    }
  }

  @Test
  void aListenerThatThrowsChangesNothing() {
    TableStates observed =
        new TableStates(
            store,
            new PipelineListener() {
              @Override
              public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
                throw new IllegalStateException("test");
              }
            },
            handOver);

    observed.add(TABLE, NAME);

    assertThat(observed.phase(TABLE)).isEqualTo(new Init());
  }

  @Test
  void waitsUntilEveryTableIsReady() throws Exception {
    assertThat(states.awaitReady(0, () -> false)).isTrue();
    states.add(TABLE, NAME);
    states.known(OTHER, NAME, new Ready());
    assertThat(states.awaitReady(1, () -> false)).isFalse();
    FutureTask<Boolean> ready = new FutureTask<>(() -> states.awaitReady(FOREVER, () -> false));
    Thread waiting = new Thread(ready, "waiting");
    waiting.start();
    await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);

    states.set(TABLE, new Ready());

    assertThat(ready.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void doesNotWaitOnceThePipelineHasEnded() throws InterruptedException {
    states.add(TABLE, NAME);

    assertThat(states.awaitReady(FOREVER, () -> true)).isFalse();
  }
}
