package dev.pgetl.internal.runtime.sync;

import static dev.pgetl.internal.runtime.sync.SyncScene.ID;
import static dev.pgetl.internal.runtime.sync.SyncScene.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.runtime.table.Refusals;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A copy that a flush blames while the store is away. */
class BlamedCopyTest {
  private final SyncScene scene = new SyncScene();
  private final EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
  private final EtlException refused =
      new EtlException(ErrorKind.DESTINATION_REJECTED, "a row does not fit").withTable(ID.oid());

  @AfterEach
  void end() {
    scene.close();
  }

  private Table copying() {
    Table table = scene.tables.add(ID, NAME);
    scene.syncs.schedule(table);
    scene.awaitBegun(1);
    table.move(new CopyStarted());
    return table;
  }

  private void isNotForgotten(Table table) {
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () ->
                assertThat(table.phase() instanceof Errored || table.syncRun() != null)
                    .as("%s is an error, or the table has a worker", table.phase())
                    .isTrue());
  }

  /** The flush of the apply worker fails: TableWrites makes the call, and repeats it. */
  @Test
  void aTableThatTheApplyWorkerBlamesFailsOrKeepsItsWorker() {
    Table table = copying();
    scene.store.fail(away);
    long generation = table.refuse(new Lsn(0x100));
    assertThatThrownBy(() -> Refusals.store(table, generation, refused)).isSameAs(away);
    scene.released.countDown(); // the copy's connections are cut, so its worker ends
    await().until(() -> table.syncRun() == null);
    scene.store.fail(null);

    boolean known = Refusals.store(table, generation, refused);

    assertThat(known).as("the caller need not repeat the call").isTrue();
    isNotForgotten(table);
  }

  /** The flush of another copy fails, which then fails itself because of the store. */
  @Test
  void aTableThatAnotherCopyBlamesFailsOrKeepsItsWorker() {
    Table table = copying();
    scene.tables.known(new TableId(8), new TableName("public", "items"), new Ready());
    Table other = Objects.requireNonNull(scene.tables.find(new TableId(8)));
    scene.store.fail(away);
    assertThatThrownBy(() -> Refusals.storeOfAnother(other, refused)).isSameAs(away);
    scene.released.countDown();
    await().until(() -> table.syncRun() == null);
    scene.store.fail(null);

    isNotForgotten(table);
  }

  /** What it held of the table before the copy, the copy brings. */
  @Test
  void aChangeThatTheApplyWorkerStillHeldIsNoFaultOfTheCopy() {
    Table table = streaming();
    scene.durable = new Lsn(0x100);
    table.restart();
    scene.syncs.schedule(table);
    await().until(() -> !scene.awaited.isEmpty());

    assertThat(table.refuse(new Lsn(0x100))).isEqualTo(StreamTables.NOT_OURS);
    assertThat(table.passed(new Lsn(0x100))).as("it left at another position").isFalse();
    assertThat(table.isRefused()).isTrue();

    assertThat(table.passed(new Lsn(0x150))).isTrue();
    assertThat(table.isRefused()).isFalse();
    assertThat(table.refuse(new Lsn(0x150))).as("a row of the copy").isNotNegative();
  }

  /** That a change was refused is stored by another thread, which may come late. */
  @Test
  void aRefusalFromBeforeTheResyncIsNotStored() {
    Table table = streaming();
    long generation = table.refuse(new Lsn(0x100));
    table.restart();
    scene.syncs.schedule(table);
    scene.awaitBegun(1);
    table.move(new CopyStarted());

    assertThat(Refusals.store(table, generation, refused)).as("nothing is left to store").isTrue();

    assertThat(table.phase()).isInstanceOf(DataSync.class);
  }

  private Table streaming() {
    scene.tables.known(ID, NAME, new Ready());
    scene.tables.begin(new Lsn(0x150));
    return Objects.requireNonNull(scene.tables.find(ID));
  }
}
