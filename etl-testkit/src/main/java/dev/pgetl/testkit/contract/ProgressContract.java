package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Stores.assertFailsWhole;
import static dev.pgetl.testkit.contract.Stores.inThreads;
import static dev.pgetl.testkit.contract.Stores.restart;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import org.junit.jupiter.api.Test;

/** The rules of {@link dev.pgetl.store.StateStore} for the progress of slots. */
public interface ProgressContract extends StoreContract {
  /** A slot. */
  String SLOT = "pgetl_apply_1";

  /** The history of a slot. */
  SlotLineage LINEAGE = new SlotLineage("7000000000000000001", 1, new Lsn(0x1000));

  private static ReplicationProgress progress(long lsn) {
    return new ReplicationProgress(SLOT, LINEAGE, new Lsn(lsn));
  }

  /** S1: a slot that is not known has no progress. */
  @Test
  default void s1_unknownSlotsAreEmpty() {
    PipelineStore store = openStore();
    assertThat(store.loadReplicationProgress()).isZero();
    assertThat(store.getReplicationProgress(SLOT)).isEmpty();
  }

  /** S1: look-ups need no I/O. */
  @Test
  default void s1_progressAnswersFromMemory() {
    assumeThat(canBreakPersistence()).as("the persistent layer can be broken").isTrue();
    PipelineStore store = openStore();
    store.storeReplicationProgress(progress(0x2000));
    breakPersistence(true);
    assertThat(store.getReplicationProgress(SLOT)).contains(progress(0x2000));
    breakPersistence(false);
  }

  /** S2: progress is durable, with its lineage. */
  @Test
  default void s2_progressSurvivesARestart() {
    PipelineStore store = openStore();
    SlotLineage other = new SlotLineage("18446744073709551615", Integer.MAX_VALUE, new Lsn(-2));
    ReplicationProgress sync = new ReplicationProgress("pgetl_sync_1_16384", other, new Lsn(-1));
    store.storeReplicationProgress(progress(0x2000));
    store.storeReplicationProgress(progress(0x3000));
    store.storeReplicationProgress(sync);
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getReplicationProgress(SLOT)).contains(progress(0x3000));
    assertThat(reopened.getReplicationProgress("pgetl_sync_1_16384")).contains(sync);
    assertThat(reopened.loadReplicationProgress()).isEqualTo(2);
  }

  /** S3: a smaller position is ignored. */
  @Test
  default void s3_progressNeverMovesBackward() {
    PipelineStore store = openStore();
    store.storeReplicationProgress(progress(0x3000));
    store.storeReplicationProgress(progress(0x2000));
    store.storeReplicationProgress(progress(0x3000));
    assertThat(store.getReplicationProgress(SLOT)).contains(progress(0x3000));
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getReplicationProgress(SLOT)).contains(progress(0x3000));
    reopened.storeReplicationProgress(progress(0x2000));
    assertThat(reopened.getReplicationProgress(SLOT)).contains(progress(0x3000));
    assertThat(restart(this, reopened).getReplicationProgress(SLOT)).contains(progress(0x3000));
  }

  /** S3: positions are unsigned. */
  @Test
  default void s3_positionsAreUnsigned() {
    PipelineStore store = openStore();
    store.storeReplicationProgress(progress(Long.MAX_VALUE));
    store.storeReplicationProgress(progress(Long.MIN_VALUE));
    assertThat(store.getReplicationProgress(SLOT)).contains(progress(Long.MIN_VALUE));
    store.storeReplicationProgress(progress(1));
    assertThat(store.getReplicationProgress(SLOT)).contains(progress(Long.MIN_VALUE));
  }

  /** S3: another lineage replaces, also with a smaller position. */
  @Test
  default void s3_anotherLineageReplaces() {
    SlotLineage[] others = {
      new SlotLineage("7000000000000000002", 1, new Lsn(0x1000)),
      new SlotLineage("7000000000000000001", 2, new Lsn(0x1000)),
      new SlotLineage("7000000000000000001", 1, new Lsn(0x1800))
    };
    PipelineStore store = openStore();
    for (SlotLineage other : others) {
      store.storeReplicationProgress(progress(0x3000));
      ReplicationProgress replacing = new ReplicationProgress(SLOT, other, new Lsn(0x2000));
      store.storeReplicationProgress(replacing);
      assertThat(store.getReplicationProgress(SLOT)).contains(replacing);
      store = restart(this, store);
      assertThat(store.getReplicationProgress(SLOT)).contains(replacing);
    }
  }

  /** S3: slots are independent of each other. */
  @Test
  default void s3_slotsHaveProgressOfTheirOwn() {
    PipelineStore store = openStore();
    ReplicationProgress other = new ReplicationProgress("other", LINEAGE, new Lsn(0x1000));
    store.storeReplicationProgress(progress(0x3000));
    store.storeReplicationProgress(other);
    assertThat(store.getReplicationProgress(SLOT)).contains(progress(0x3000));
    assertThat(store.getReplicationProgress("other")).contains(other);
  }

  /** S3: of several threads the furthest wins, and no reader sees a step back. */
  @Test
  default void s3_progressOfManyThreadsKeepsTheFurthest() {
    PipelineStore store = openStore();
    inThreads(
        4,
        thread -> {
          for (int i = 1; i <= 50; i++) {
            long mine = 4L * i + thread;
            store.storeReplicationProgress(progress(mine));
            assertThat(store.getReplicationProgress(SLOT).orElseThrow().flushedLsn())
                .isGreaterThanOrEqualTo(new Lsn(mine));
          }
        });
    assertThat(store.getReplicationProgress(SLOT)).contains(progress(203));
    assertThat(restart(this, store).getReplicationProgress(SLOT)).contains(progress(203));
  }

  /** S2: the progress of a dropped slot is removed permanently, and only that. */
  @Test
  default void s2_deletedProgressStaysAway() {
    PipelineStore store = openStore();
    ReplicationProgress other = new ReplicationProgress("other", LINEAGE, new Lsn(0x1000));
    store.storeReplicationProgress(progress(0x3000));
    store.storeReplicationProgress(other);
    store.deleteReplicationProgress(SLOT);
    store.deleteReplicationProgress(SLOT);
    store.deleteReplicationProgress("never existed");
    assertThat(store.getReplicationProgress(SLOT)).isEmpty();
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getReplicationProgress(SLOT)).isEmpty();
    assertThat(reopened.getReplicationProgress("other")).contains(other);
    reopened.storeReplicationProgress(progress(0x2000));
    assertThat(reopened.getReplicationProgress(SLOT)).contains(progress(0x2000));
  }

  /** S4: a position that could not be stored. */
  @Test
  default void s4_aFailedStepOfProgressIsNotThereOrWhole() {
    PipelineStore store = openStore();
    store.storeReplicationProgress(progress(0x2000));
    assertFailsWhole(
        this,
        store,
        failing -> failing.storeReplicationProgress(progress(0x3000)),
        shown -> shown.getReplicationProgress(SLOT));
  }

  /** S4: a deletion that could not be stored. */
  @Test
  default void s4_aFailedDeletionIsNotDoneOrWhole() {
    PipelineStore store = openStore();
    store.storeReplicationProgress(progress(0x2000));
    assertFailsWhole(
        this,
        store,
        failing -> failing.deleteReplicationProgress(SLOT),
        shown -> shown.getReplicationProgress(SLOT));
  }
}
