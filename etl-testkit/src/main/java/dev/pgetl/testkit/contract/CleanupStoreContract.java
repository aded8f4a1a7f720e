package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Stores.assertFailsWhole;
import static dev.pgetl.testkit.contract.Stores.restart;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of {@link dev.pgetl.store.CleanupStore}. */
public interface CleanupStoreContract extends StoreContract {
  /** The table that goes. */
  TableId GOING = new TableId(16384);

  /** The table that stays. */
  TableId STAYING = new TableId(16385);

  /** The progress of a slot, which stays. */
  ReplicationProgress PROGRESS =
      new ReplicationProgress(
          "pgetl_apply_1", new SlotLineage("1", 1, new Lsn(0x1000)), new Lsn(0x2000));

  private static TableSchema version(TableId id, long lsn) {
    return TestTable.named("t" + id)
        .id(id.oid())
        .version(new Lsn(lsn))
        .key("id", TestTable.INT8)
        .build();
  }

  private PipelineStore filledStore() {
    PipelineStore store = openStore();
    for (TableId id : List.of(GOING, STAYING)) {
      store.updateTableReplicationState(id, new Init());
      store.updateTableReplicationState(id, new DataSync());
      store.updateTableReplicationState(id, new Ready());
      store.storeTableSchema(version(id, 10));
      store.storeTableSchema(version(id, 20));
      store.storeTableMapping(id, "mapping of " + id);
      store.storeCopyRanges(id, "ranges of " + id);
    }
    store.storeReplicationProgress(PROGRESS);
    return store;
  }

  private static void assertGone(PipelineStore store) {
    assertThat(store.getTableReplicationState(GOING)).isEmpty();
    assertThat(store.getTableReplicationStates()).doesNotContainKey(GOING);
    assertThatThrownBy(() -> store.rollbackTableReplicationState(GOING))
        .isInstanceOf(EtlException.class);
    assertThat(store.getTableSchema(GOING)).isEmpty();
    assertThat(store.getTableSchema(GOING, new Lsn(15))).isEmpty();
    assertThat(store.getTableSchemas()).extracting(TableSchema::id).doesNotContain(GOING);
    assertThat(store.getTableMapping(GOING)).isEmpty();
    assertThat(store.getTableMappings()).doesNotContainKey(GOING);
    assertThat(store.getCopyRanges(GOING)).isEmpty();
  }

  private void assertStays(PipelineStore store) {
    assertThat(store.getTableReplicationState(STAYING)).contains(new Ready());
    assertThat(store.getTableSchema(STAYING)).contains(version(STAYING, 20));
    assertThat(store.getTableSchema(STAYING, new Lsn(15))).contains(version(STAYING, 10));
    assertThat(store.getTableMapping(STAYING)).contains("mapping of " + STAYING);
    if (keepsCopyRanges()) {
      assertThat(store.getCopyRanges(STAYING)).contains("ranges of " + STAYING);
    }
    assertThat(store.getReplicationProgress(PROGRESS.slotName())).contains(PROGRESS);
  }

  /** K1: everything about the table goes. */
  @Test
  default void k1_everythingAboutTheTableGoes() {
    PipelineStore store = filledStore();
    store.cleanupTableState(GOING);
    assertGone(store);
  }

  /** K1: a table that returns has no history. */
  @Test
  default void k1_aTableThatComesBackHasNoPast() {
    PipelineStore store = filledStore();
    store.cleanupTableState(GOING);
    store.updateTableReplicationState(GOING, new Init());
    store.storeTableSchema(version(GOING, 30));
    for (PipelineStore shown : List.of(store, restart(this, store))) {
      assertThat(shown.getTableSchema(GOING, new Lsn(29))).isEmpty();
      assertThat(shown.getTableSchema(GOING)).contains(version(GOING, 30));
      assertThat(shown.getCopyRanges(GOING)).isEmpty();
      assertThatThrownBy(() -> shown.rollbackTableReplicationState(GOING))
          .isInstanceOf(EtlException.class);
    }
  }

  /** K2: other tables and slots stay, histories included. */
  @Test
  default void k2_nothingElseGoes() {
    PipelineStore store = filledStore();
    store.cleanupTableState(GOING);
    assertStays(store);
    PipelineStore reopened = restart(this, store);
    assertStays(reopened);
    assertThat(reopened.rollbackTableReplicationState(STAYING)).isEqualTo(new DataSync());
    assertThat(reopened.rollbackTableReplicationState(STAYING)).isEqualTo(new Init());
  }

  /** K3: repeated, and for an unknown table. */
  @Test
  default void k3_isIdempotent() {
    PipelineStore store = filledStore();
    store.cleanupTableState(GOING);
    store.cleanupTableState(GOING);
    store.cleanupTableState(new TableId(1));
    assertGone(store);
    assertStays(store);
  }

  /** K3: a table with partial state. */
  @Test
  default void k3_takesATableOfWhichOnlyAPartIsKnown() {
    PipelineStore store = openStore();
    store.storeTableMapping(GOING, "only a mapping");
    store.cleanupTableState(GOING);
    assertGone(store);
    store.storeTableSchema(version(GOING, 10));
    store.cleanupTableState(GOING);
    assertGone(store);
    store.storeCopyRanges(GOING, "only ranges");
    store.cleanupTableState(GOING);
    assertGone(restart(this, store));
  }

  /** K4: it is durable. */
  @Test
  default void k4_survivesARestart() {
    PipelineStore store = filledStore();
    store.cleanupTableState(GOING);
    PipelineStore reopened = restart(this, store);
    assertGone(reopened);
    assertStays(reopened);
  }

  /** K4: a cleanup that could not be stored leaves all or nothing. */
  @Test
  default void k4_aFailedCleanupLeavesAllOrNothing() {
    assertFailsWhole(
        this,
        filledStore(),
        failing -> failing.cleanupTableState(GOING),
        shown ->
            List.of(
                shown.getTableReplicationState(GOING),
                shown.getTableSchema(GOING),
                shown.getTableSchema(GOING, new Lsn(10)),
                shown.getTableMapping(GOING),
                shown.getCopyRanges(GOING)));
  }
}
