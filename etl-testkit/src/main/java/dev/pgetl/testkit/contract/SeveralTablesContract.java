package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Stores.loaded;
import static dev.pgetl.testkit.contract.Stores.restart;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
import dev.pgetl.wal.Lsn;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The rule S10 of {@link dev.pgetl.store.StateStore}: several tables are moved at once. Included in
 * {@link StateStoreContract}.
 */
public interface SeveralTablesContract extends StoreContract {
  /** As many as are moved at once at most. */
  List<TableId> MANY = LongStream.rangeClosed(1, 1_000).mapToObj(TableId::new).toList();

  private static Map<TableId, TableReplicationPhase> all(TableReplicationPhase phase) {
    Map<TableId, TableReplicationPhase> phases = new LinkedHashMap<>();
    MANY.forEach(id -> phases.put(id, phase));
    return Collections.unmodifiableMap(phases);
  }

  /** S10: all are durable and visible. */
  @Test
  default void s10_severalTablesMoveAtOnce() {
    PipelineStore store = openStore();
    store.updateTableReplicationStates(all(new Init()));
    assertThat(store.getTableReplicationStates()).isEqualTo(all(new Init()));
    assertThat(restart(this, store).getTableReplicationStates()).isEqualTo(all(new Init()));
  }

  /** S10: what is known of other tables stays. */
  @Test
  default void s10_othersStay() {
    TableId other = new TableId(4_000_000_000L);
    PipelineStore store = openStore();
    store.updateTableReplicationState(other, new Ready());
    store.updateTableReplicationStates(Map.of(MANY.get(0), new Init(), MANY.get(1), new Ready()));
    assertThat(restart(this, store).getTableReplicationStates())
        .isEqualTo(Map.of(other, new Ready(), MANY.get(0), new Init(), MANY.get(1), new Ready()));
  }

  /** S10: each has a history, and a table that is there already gets no step. */
  @Test
  default void s10_eachTableKeepsItsHistory() {
    TableId ahead = MANY.get(0);
    TableId behind = MANY.get(1);
    PipelineStore store = openStore();
    store.updateTableReplicationStates(Map.of(ahead, new Init(), behind, new Init()));
    store.updateTableReplicationState(ahead, new DataSync());
    store.updateTableReplicationStates(Map.of(ahead, new DataSync(), behind, new DataSync()));
    store = restart(this, store);
    assertThat(store.rollbackTableReplicationState(ahead)).isEqualTo(new Init());
    assertThat(store.rollbackTableReplicationState(behind)).isEqualTo(new Init());
  }

  /** S10: a move of several that could not be stored. */
  @Test
  default void s10_aFailedMoveIsNotDoneOrWholeForEach() {
    assumeThat(canBreakPersistence()).as("the persistent layer can be broken").isTrue();
    PipelineStore store = openStore();
    store.updateTableReplicationStates(all(new Init()));
    breakPersistence(true);
    assertThatThrownBy(() -> store.updateTableReplicationStates(all(new DataSync())))
        .isInstanceOf(EtlException.class);
    Map<TableId, TableReplicationPhase> shown = store.getTableReplicationStates();
    breakPersistence(false);
    Map<TableId, TableReplicationPhase> loaded = loaded(store).getTableReplicationStates();
    assertThat(loaded).hasSize(MANY.size());
    assertThat(loaded.values()).isSubsetOf(new Init(), new DataSync());
    assertThat(loaded.entrySet())
        .as("what memory showed after the failure")
        .containsAll(without(new Init(), shown).entrySet());
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getTableReplicationStates()).isEqualTo(loaded);
    reopened.updateTableReplicationStates(all(new DataSync()));
    assertThat(reopened.getTableReplicationStates()).isEqualTo(all(new DataSync()));
    MANY.subList(0, 10)
        .forEach(
            id -> assertThat(reopened.rollbackTableReplicationState(id)).isEqualTo(new Init()));
  }

  private static Map<TableId, TableReplicationPhase> without(
      TableReplicationPhase phase, Map<TableId, TableReplicationPhase> phases) {
    Map<TableId, TableReplicationPhase> others = new LinkedHashMap<>(phases);
    others.values().removeIf(phase::equals);
    return others;
  }

  /** S10, S7: phases that are never stored. */
  @Test
  default void s10_aPhaseThatIsNotStoredIsRefused() {
    PipelineStore store = openStore();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                store.updateTableReplicationStates(
                    Map.of(
                        MANY.get(0), new SyncWait(Lsn.ZERO), MANY.get(1), new SyncWait(Lsn.ZERO))));
    assertThat(store.getTableReplicationStates()).isEmpty();
  }
}
