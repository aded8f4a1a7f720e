package dev.pgetl.examples.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.memory.StoreChange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The hooks of {@code MemoryStore}: what is written can be watched and refused. */
class StoreHooksTest {
  private static final TableId USERS = new TableId(16384);

  private final List<String> log = new ArrayList<>();

  @Test
  void aStoreLogsWhatItWrites() {
    MemoryStore store =
        // tag::logs[]
        new MemoryStore() {
          @Override
          protected void afterWrite(StoreChange change) {
            log.add(change.toString());
          }
        };
    // end::logs[]
    store.updateTableReplicationState(USERS, new Ready());
    assertThat(log).containsExactly("PhaseStored[table=16384, phase=Ready[]]");
  }

  @Test
  void aStoreRefusesToForget() {
    MemoryStore store =
        // tag::vetoes[]
        new MemoryStore() {
          @Override
          protected void beforeWrite(StoreChange change) {
            if (change instanceof StoreChange.TableForgotten forgotten) {
              throw new EtlException(
                  ErrorKind.CONFIGURATION, "forget table " + forgotten.table() + ": not allowed");
            }
          }
        };
    // end::vetoes[]
    store.updateTableReplicationState(USERS, new Ready());
    assertThatThrownBy(() -> store.cleanupTableState(USERS)).isInstanceOf(EtlException.class);
    assertThat(store.getTableReplicationState(USERS)).contains(new Ready());
  }
}
