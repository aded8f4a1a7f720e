package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Stores.restart;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.store.TableReplicationPhase.Ready;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The rule S11 of {@link dev.pgetl.store.StateStore}: pauses of tables are kept. Not tested if
 * {@link dev.pgetl.store.StateStore#keepsPauses} is false. Included in {@link StateStoreContract}.
 */
public interface PauseContract extends StoreContract {
  /** A table that is paused. */
  TableId WAITING = new TableId(16_384);

  /** Every kind of pause, with times at the edges. */
  List<TableReplicationPhase> PAUSES =
      List.of(
          new Paused(Instant.EPOCH, new Init()),
          new Paused(Instant.parse("2026-11-30T21:15:00.123456789Z"), new DataSync()),
          new Paused(Instant.parse("9999-12-31T23:59:59.999999Z"), new FinishedCopy()));

  /** S11: each pause survives, with when it began and from where the table continues. */
  @Test
  default void s11_aPauseSurvives() {
    PipelineStore store = openStore();
    assumeThat(store.keepsPauses()).as("the store keeps pauses").isTrue();
    for (TableReplicationPhase pause : PAUSES) {
      store.updateTableReplicationState(WAITING, new Ready());
      store.updateTableReplicationState(WAITING, pause);
      assertThat(store.getTableReplicationState(WAITING)).contains(pause);
      store = restart(this, store);
      assertThat(store.getTableReplicationState(WAITING)).contains(pause);
    }
  }

  /** S11: another pause is another phase. */
  @Test
  default void s11_anotherPauseReplacesTheOneBefore() {
    PipelineStore store = openStore();
    assumeThat(store.keepsPauses()).as("the store keeps pauses").isTrue();
    store.updateTableReplicationState(WAITING, new Paused(Instant.EPOCH, new FinishedCopy()));
    store.updateTableReplicationState(WAITING, new Paused(Instant.EPOCH, new Init()));
    assertThat(restart(this, store).getTableReplicationState(WAITING))
        .contains(new Paused(Instant.EPOCH, new Init()));
  }
}
