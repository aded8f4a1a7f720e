package dev.pgetl.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.testkit.contract.ReferenceStore;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AwaitingStoreTest {
  private static final TableId USERS = new TableId(1);
  private static final TableId ORDERS = new TableId(2);

  private final AwaitingStore store = new AwaitingStore(new ReferenceStore());

  @Test
  void waitsForPhasesAndProgress() {
    ReplicationProgress progress =
        new ReplicationProgress("slot", new SlotLineage("1", 1, Lsn.ZERO), new Lsn(20));
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              store.updateTableReplicationState(USERS, new DataSync());
              store.updateTableReplicationState(USERS, new SyncDone(new Lsn(7)));
              store.storeReplicationProgress(progress);
            });
    assertThat(store.awaitPhase(USERS, SyncDone.class).lsn()).isEqualTo(new Lsn(7));
    store.awaitPassed(USERS, DataSync.class);
    store.awaitProgress("slot", new Lsn(20));
    assertThat(writer).succeedsWithin(Duration.ofSeconds(10));

    store.updateTableReplicationState(USERS, new Ready());
    store.updateTableReplicationState(ORDERS, new Ready());
    store.awaitAll(2, Ready.class);
  }

  @Test
  void remembersTheWayOfATable() {
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new Ready());
    store.rollbackTableReplicationState(USERS);
    assertThat(store.phases(USERS)).containsExactly(new Init(), new Ready(), new Init());
    assertThat(store.phases(ORDERS)).isEmpty();
  }

  @Test
  void failsBeforeAWrite() {
    store.failBefore(
        ErrorKind.STORE_UNAVAILABLE,
        write -> write.phase() instanceof Ready && USERS.equals(write.table()));
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(ORDERS, new Ready());
    assertThatThrownBy(() -> store.updateTableReplicationState(USERS, new Ready()))
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
    assertThat(store.getTableReplicationState(USERS)).contains(new Init());
    store.repair();
    store.updateTableReplicationState(USERS, new Ready());
  }

  @Test
  void failsAfterAWrite() {
    store.failAfter(ErrorKind.STORE_LOCKED, write -> write.kind() == StoreWrite.Kind.MAPPING);
    assertThatThrownBy(() -> store.storeTableMapping(USERS, "users"))
        .isInstanceOf(EtlException.class);
    assertThat(store.getTableMapping(USERS)).contains("users");
  }

  @Test
  void failsWritesOfTheRangesOfOneTable() {
    store.failBefore(
        ErrorKind.STORE_UNAVAILABLE,
        write -> write.kind() == StoreWrite.Kind.COPY_RANGES && USERS.equals(write.table()));
    store.failAfter(
        ErrorKind.STORE_UNAVAILABLE, write -> write.kind() == StoreWrite.Kind.DELETE_COPY_RANGES);
    store.storeCopyRanges(ORDERS, "a to b");
    assertThatThrownBy(() -> store.storeCopyRanges(USERS, "a to b"))
        .isInstanceOf(EtlException.class)
        .hasMessageContaining("COPY_RANGES")
        .hasMessageNotContaining("a to b");
    assertThat(store.getCopyRanges(USERS)).isEmpty();
    assertThatThrownBy(() -> store.deleteCopyRanges(ORDERS)).isInstanceOf(EtlException.class);
    assertThat(store.getCopyRanges(ORDERS)).isEmpty();
  }
}
