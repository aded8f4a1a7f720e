package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Stores.restart;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The rule S9 of {@link dev.pgetl.store.StateStore}: a store notices that its persistent layer is
 * not its own any more. Included in {@link StateStoreContract}.
 */
public interface OwnershipContract extends StoreContract {
  /** S9: as long as the layer is this process's, nothing happens. */
  @Test
  default void s9_provingOwnershipChangesNothing() {
    TableId users = new TableId(16384);
    PipelineStore store = openStore();
    store.proveOwnership();
    assertThat(store.loadTableReplicationStates()).isZero();
    store.updateTableReplicationState(users, new Init());
    store.updateTableReplicationState(users, new DataSync());
    store.proveOwnership();
    store.proveOwnership();
    assertThat(store.getTableReplicationState(users)).contains(new DataSync());
    assertThat(store.rollbackTableReplicationState(users)).isEqualTo(new Init());
    assertThat(restart(this, store).getTableReplicationStates())
        .isEqualTo(Map.of(users, new Init()));
  }

  /** S9: a store that lost its layer fails each time, and soon for good. */
  @Test
  default void s9_aLostLayerIsNoticed() {
    assumeThat(canLoseOwnership()).as("the layer can be taken away").isTrue();
    TableId users = new TableId(16384);
    PipelineStore store = openStore();
    store.updateTableReplicationState(users, new Init());
    loseOwnership();
    assertThatThrownBy(store::proveOwnership).isInstanceOf(EtlException.class);
    assertThatThrownBy(store::proveOwnership)
        .isInstanceOfSatisfying(
            EtlException.class,
            e -> {
              assertThat(e.kind()).isIn(ErrorKind.STORE_LOCKED, ErrorKind.STORE_UNAVAILABLE);
              assertThat(e.retry()).isNotEqualTo(RetryDirective.TIMED);
            });
  }
}
