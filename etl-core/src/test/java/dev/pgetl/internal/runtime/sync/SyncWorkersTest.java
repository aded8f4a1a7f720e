package dev.pgetl.internal.runtime.sync;

import static dev.pgetl.internal.runtime.sync.SyncScene.ID;
import static dev.pgetl.internal.runtime.sync.SyncScene.NAME;
import static dev.pgetl.internal.runtime.sync.SyncScene.errored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many sync workers run, and what an operator may ask of them. */
class SyncWorkersTest {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final Errored REFUSED = new Errored("no", "", RetryDirective.MANUAL, 1);

  private final SyncScene scene = new SyncScene();

  @AfterEach
  void end() {
    scene.close();
  }

  // ---- so many at a time ----

  @Test
  void runsAsManyAtATimeAsConfigured() {
    for (int i = 1; i <= 5; i++) {
      scene.syncs.schedule(scene.tables.add(new TableId(i), NAME));
    }
    scene.awaitBegun(2);
    assertThat(scene.tables.all().stream().filter(table -> table.syncRun() != null)).hasSize(2);

    scene.released.countDown();

    scene.awaitBegun(5);
    await().until(() -> scene.tables.all().stream().allMatch(table -> table.syncRun() == null));
  }

  @Test
  void aTableHasOneWorkerAtATime() {
    Table table = scene.tables.add(ID, NAME);
    scene.syncs.schedule(table);
    scene.awaitBegun(1);

    scene.syncs.schedule(table);
    scene.syncs.schedule(table);
    assertThat(scene.begun).hasSize(1);
    scene.released.countDown();

    await().until(() -> table.syncRun() == null);
    assertThat(table.phase()).isInstanceOf(Errored.class);
  }

  @Test
  void continuesAtTheStartWithWhatMayContinue() {
    scene.syncs.begin(List.of(scene.known(new Ready())));
    scene.syncs.begin(List.of(scene.known(new SyncDone(new Lsn(1)))));
    scene.syncs.begin(List.of(scene.known(REFUSED)));
    Table retried = scene.known(errored(RetryDirective.TIMED, 1));

    scene.syncs.begin(List.of(retried)); // at once: when the retry was due is not stored

    scene.awaitBegun(1);
    assertThat(retried.phase()).isEqualTo(new Init());
  }

  // ---- how large they are ----

  @Test
  void allSizesAreReadWithOneQuery() {
    List<Table> added =
        IntStream.rangeClosed(1, 5).mapToObj(i -> scene.tables.add(new TableId(i), NAME)).toList();

    scene.syncs.begin(added);

    assertThat(scene.source.sized())
        .containsExactly(added.stream().map(Table::id).collect(Collectors.toSet()));
  }

  @Test
  void theSizesOfTablesThatWaitAreReadAgain() {
    scene.syncs.refreshSizes();
    assertThat(scene.source.sized()).as("none waits").isEmpty();
    for (int i = 1; i <= 4; i++) {
      scene.syncs.schedule(scene.tables.add(new TableId(i), NAME));
    }
    scene.awaitBegun(2);

    scene.syncs.refreshSizes();

    assertThat(scene.source.sized()).containsExactly(Set.of(new TableId(3), new TableId(4)));
  }

  /** The operator does not wait for the source, unless the table may have to wait for others. */
  @Test
  void theSizeOfATableThatIsResyncedIsReadWhileOthersAreCopied() throws InterruptedException {
    Table table = scene.known(new Ready());
    Table other = scene.tables.add(new TableId(1), NAME);
    scene.syncs.resync(other);
    assertThat(scene.source.sized()).isEmpty();

    scene.syncs.resync(table);

    assertThat(scene.source.sized()).containsExactly(Set.of(ID));
    scene.awaitBegun(2);
  }

  // ---- which copies count ----

  private static void copyBegins(Table table) {
    table.notes().copyBegins(TableSchema.builder(table.id(), table.name()).build(), 10);
  }

  @Test
  void aCopyThatIsCompleteCountsUntilOthersBegin() throws InterruptedException {
    Table copied = scene.known(new Ready());
    copyBegins(copied);

    scene.syncs.begin(List.of());
    scene.syncs.resync(List.of());
    assertThat(copied.notes().copy().counts()).isTrue();

    scene.syncs.begin(List.of(scene.tables.add(new TableId(1), NAME)));
    assertThat(copied.notes().copy().counts()).isFalse();
  }

  @Test
  void aCopyThatIsCompleteCountsWhileOthersAreCopied() throws InterruptedException {
    Table other = scene.tables.add(new TableId(1), NAME);
    scene.syncs.resync(other);
    Table copied = scene.known(new Ready());
    copyBegins(copied);

    scene.syncs.begin(List.of(scene.tables.add(new TableId(2), NAME)));

    assertThat(copied.notes().copy().counts()).isTrue();
  }

  // ---- what an operator wants ----

  @Test
  void aResyncBeginsFromTheStart() throws InterruptedException {
    Table table = scene.known(REFUSED);

    scene.syncs.resync(table);

    scene.awaitBegun(1);
    assertThat(scene.store.history(ID)).containsExactly(new Init());
    assertThat(table.life().failures()).isZero();
  }

  @Test
  void aResyncThatCannotBeStoredBeginsWhenTheStoreIsBack() throws InterruptedException {
    Table table = scene.known(new Ready());
    scene.store.fail(new EtlException(ErrorKind.STORE_UNAVAILABLE, "away"));
    scene.syncs.resync(table);
    assertThat(table.phase()).isEqualTo(new Ready());

    scene.store.fail(null);

    scene.awaitBegun(1);
    assertThat(scene.store.history(ID)).containsExactly(new Init());
  }

  /** Two writers would get in each other's way. */
  @Test
  void aResyncWaitsForTheCallInWhichTheWorkerHangs() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    scene.answer = id -> awaitUninterrupted(answered);
    Table table = scene.tables.add(ID, NAME);
    scene.syncs.schedule(table);
    scene.awaitBegun(1);

    scene.syncs.resync(table);
    assertThat(scene.begun).hasSize(1);
    scene.answer = scene::hang;
    answered.countDown();

    scene.awaitBegun(2);
    assertThat(scene.store.history(ID)).containsExactly(new Init(), new Init());
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException ignored) {
        // as a destination may do
      }
    }
  }

  @Test
  void aForgottenTableHasNoWorkerAndGetsNone() throws InterruptedException {
    scene.released.countDown();
    Table table = scene.tables.add(ID, NAME);
    assertThat(scene.syncs.forget(table, scene.tables::remove)).isTrue();
    assertThat(scene.tables.all()).isEmpty();

    scene.syncs.schedule(table);

    await().until(() -> table.syncRun() == null);
    assertThat(scene.begun).isEmpty();
  }

  /** A transaction that the promoted server lacks: nothing of it is held any more. */
  @Test
  void aCopyWaitsOnlyForWhatThePromotedServerHas() {
    Table table = scene.known(new Ready());
    scene.tables.begin(new Lsn(0x200));
    table.restart();
    scene.durable = new Lsn(0x100);
    scene.syncs.schedule(table);
    await().until(() -> scene.awaited.contains(new Lsn(0x201)));
    assertThat(scene.begun).isEmpty();

    scene.tables.endAt(new Lsn(0x100));

    scene.awaitBegun(1);
  }

  // ---- the end ----

  @Test
  void stoppingEndsAllWorkersAndStartsNone() throws InterruptedException {
    Table table = scene.tables.add(ID, NAME);
    scene.syncs.schedule(table);
    scene.awaitBegun(1);

    scene.syncs.stop();
    scene.syncs.schedule(scene.tables.add(new TableId(8), NAME));
    assertThat(scene.syncs.await(1)).isFalse();
    scene.syncs.giveUp();

    assertThat(scene.syncs.await(PATIENCE_NANOS)).isTrue();
    assertThat(scene.begun).containsExactly(ID);
    assertThat(table.phase()).as("it did not fail").isEqualTo(new Init());
    assertThat(scene.unexpected).isEmpty();
  }
}
