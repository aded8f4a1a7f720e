package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.FakeStream;
import dev.pgetl.internal.capture.WalStream.Input;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.WatchedLock;
import dev.pgetl.internal.runtime.table.Reachable;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * How small tables come from their common stream to the apply worker, which is at BEGUN: the stream
 * is asked for more after NOW, where the server was, and then is at LATER.
 */
class GroupHandOverTest {
  private static final Lsn NOW = new Lsn(0x200);
  private static final Lsn BEGUN = new Lsn(0x300);
  private static final Lsn LATER = new Lsn(0x400);

  private final EtlException refused = new EtlException(ErrorKind.DESTINATION_REJECTED, "no");
  private final GroupScene scene = new GroupScene();

  @AfterEach
  void nothingIsLeft() {
    scene.assertNothingIsLeft();
  }

  private void stream() {
    scene.tables.begin(BEGUN);
    scene.source.streaming = true;
    scene.source.currentWal(NOW);
    scene.source.input(
        () -> {
          FakeStream stream = scene.source.lastStream();
          stream.walEnd(stream.walEnd() == 0 ? NOW : LATER);
          return Input.KEEPALIVE;
        });
  }

  @Test
  void allTablesEndAtOnePosition() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 0);
    stream();

    scene.sync(first, second).run();

    assertThat(scene.store.getTableReplicationStates())
        .isEqualTo(Map.of(first.id(), new SyncDone(LATER), second.id(), new SyncDone(LATER)));
    assertThat(first.phase()).isEqualTo(new SyncDone(LATER));
    assertThat(scene.source.streams()).singleElement().matches(FakeStream::isClosed);
    assertThat(first.notes().isCopiedAlone()).isFalse();
  }

  /** Thousands of tables would keep hundreds of streams with their buffers. */
  @Test
  void aTableHoldsNothingOfItsWorkerOnceItIsHandedOver() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    stream();

    scene.sync(first, second).run();

    List<String> held =
        Reachable.classesFrom(
            first, Tables.class, PipelineListener.class, Platform.class, WatchedLock.class);
    assertThat(held).hasSizeLessThan(40);
    assertThat(held)
        .allMatch(
            name ->
                name.matches(
                    "dev[.]pgetl[.](internal[.](estimate|runtime[.](table|tally|worker))|observe|schema|store|wal)[.].*"));
  }

  @Test
  void aTableThatFailedDoesNotStream() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    scene.fail("write t1 1", refused);
    stream();

    scene.sync(first, second).run();

    assertThat(first.phase()).isEqualTo(new DataSync());
    assertThat(second.phase()).isEqualTo(new SyncDone(LATER));
  }

  @Test
  void aTableWhoseFenceWasTakenAwayIsLeftToItsOwnWorker() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    scene.during.put("t1 is Catchup", first::withdraw);
    stream();

    scene.sync(first, second).run();

    assertThat(first.phase()).isEqualTo(new Catchup(BEGUN.plus(1)));
    assertThat(first.notes().isCopiedAlone()).isTrue();
    assertThat(scene.store.getTableReplicationState(first.id())).contains(new DataSync());
    assertThat(second.phase()).isEqualTo(new SyncDone(LATER));
    assertThat(second.notes().isCopiedAlone()).isFalse();
  }

  @Test
  void noTableIsHandedOverIfItIsStoppedBeforeTheMeetingPoint() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    GroupSync sync = scene.sync(first, second);
    scene.during.put("t2 is Catchup", sync::stop);
    stream();

    sync.run();

    assertThat(scene.store.getTableReplicationStates().values()).containsOnly(new DataSync());
    assertThat(first.notes().isCopiedAlone()).isFalse();
  }

  @Test
  void aStreamThatFailsFailsAll() {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    stream();
    EtlException broken = new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "broken");
    scene.source.input(
        () -> {
          throw broken;
        });

    assertThatThrownBy(scene.sync(first, second)::run).isSameAs(broken);

    assertThat(scene.store.getTableReplicationStates().values()).containsOnly(new DataSync());
  }

  /** The apply worker reads another timeline: positions of the two cannot be compared. */
  @Test
  void noTableIsHandedOverIfTheApplyWorkerCannotTakeThemOver() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    EtlException other = new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "another timeline");
    scene.disagreement = other;
    stream();

    assertThatThrownBy(scene.sync(first, second)::run).isSameAs(other);

    assertThat(scene.store.getTableReplicationStates().values()).containsOnly(new DataSync());
    assertThat(scene.tables.furthestEnd()).isEqualTo(Lsn.ZERO);
    for (Table table : List.of(first, second)) {
      assertThat(table.generation(LATER, () -> false)).isEqualTo(StreamTables.NOT_OURS);
      assertThat(table.notes().isCopiedAlone()).isFalse();
    }
  }

  /** The apply worker may know already; so what is away is waited for. */
  @Test
  void theEndIsStoredHoweverOftenThatFails() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    EtlException storeAway = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
    scene.during.put("t2 is Catchup", () -> scene.store.fail(storeAway));
    scene.during.put("retry 3", () -> scene.store.fail(null));
    stream();

    scene.sync(first, second).run();

    assertThat(scene.store.getTableReplicationStates().values()).containsOnly(new SyncDone(LATER));
    assertThat(first.trouble().now()).isNull();
  }

  /** What the apply worker met of a table meanwhile it decides by where the group ended. */
  @Test
  void theApplyWorkerTakesOverFromTheEndOn() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    stream();

    scene.sync(first, second).run();

    for (Table table : List.of(first, second)) {
      assertThat(table.generation(BEGUN, () -> false)).isEqualTo(StreamTables.NOT_OURS);
      assertThat(table.generation(LATER, () -> false)).isEqualTo(table.state().generation());
    }
  }

  @Test
  void anAbortCutsTheStream() {
    GroupSync sync = scene.sync(scene.table(1, 1), scene.table(2, 1));
    sync.giveUp(); // there is none yet
    AtomicBoolean cut = new AtomicBoolean();
    stream();
    scene.source.input(
        () -> {
          sync.stop();
          sync.giveUp();
          cut.set(scene.source.lastStream().isClosed());
          return Input.NOTHING;
        });

    Throwable unused = catchThrowable(sync::run); // if the delivery is the first to notice

    assertThat(cut).isTrue();
    assertThat(scene.store.getTableReplicationStates().values()).containsOnly(new DataSync());
  }
}
