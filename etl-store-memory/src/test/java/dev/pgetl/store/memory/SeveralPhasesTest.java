package dev.pgetl.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How the phases of several tables reach a layer. */
class SeveralPhasesTest {
  private static final TableId FIRST = new TableId(1);
  private static final TableId SECOND = new TableId(2);
  private static final TableId THIRD = new TableId(3);

  /** Notes the changes of each call; the next one fails behind its first change, if wanted. */
  private static final class NotingLayer implements PersistentLayer {
    private final InMemoryLayer inner = new InMemoryLayer();
    private final List<List<StoreChange>> calls = new ArrayList<>();
    private boolean fails;

    @Override
    public void write(StoreChange change) {
      writeAll(List.of(change));
    }

    @Override
    public void writeAll(List<StoreChange> changes) {
      calls.add(changes);
      for (StoreChange change : changes) {
        inner.write(change);
        if (fails) {
          fails = false;
          throw new EtlException(ErrorKind.STORE_UNAVAILABLE, "write was made to fail");
        }
      }
    }

    @Override
    public void read(Consumer<StoreChange> sink) {
      inner.read(sink);
    }
  }

  private static final class WatchedStore extends MemoryStore {
    private final List<StoreChange> seen = new ArrayList<>();
    private @Nullable StoreChange forbidden;

    private WatchedStore(PersistentLayer layer) {
      super(layer);
    }

    @Override
    protected void beforeWrite(StoreChange change) {
      if (change.equals(forbidden)) {
        throw new IllegalStateException("forbidden");
      }
    }

    @Override
    protected void afterWrite(StoreChange change) {
      seen.add(change);
    }
  }

  private final NotingLayer layer = new NotingLayer();
  private final WatchedStore store = new WatchedStore(layer);

  private static Map<TableId, TableReplicationPhase> all(TableReplicationPhase phase) {
    Map<TableId, TableReplicationPhase> phases = new LinkedHashMap<>();
    List.of(FIRST, SECOND, THIRD).forEach(id -> phases.put(id, phase));
    return phases;
  }

  @Test
  void areOneCall() {
    store.updateTableReplicationStates(all(new Init()));

    assertThat(layer.calls)
        .containsExactly(
            List.of(
                new PhaseStored(FIRST, new Init()),
                new PhaseStored(SECOND, new Init()),
                new PhaseStored(THIRD, new Init())));
    assertThat(store.seen).isEqualTo(layer.calls.get(0));
  }

  @Test
  void leaveOutTablesThatAreThereAlready() {
    store.updateTableReplicationState(SECOND, new Init());
    store.updateTableReplicationStates(all(new Init()));
    store.updateTableReplicationStates(all(new Init()));

    List<StoreChange> others =
        List.of(new PhaseStored(FIRST, new Init()), new PhaseStored(THIRD, new Init()));
    assertThat(layer.calls).containsExactly(List.of(new PhaseStored(SECOND, new Init())), others);
    assertThat(store.seen).hasSize(3).endsWith(others.toArray(StoreChange[]::new));
  }

  @Test
  void areNotStoredIfAHookForbidsOne() {
    store.forbidden = new PhaseStored(THIRD, new Init());

    assertThatIllegalStateException()
        .isThrownBy(() -> store.updateTableReplicationStates(all(new Init())));

    assertThat(layer.calls).isEmpty();
    assertThat(store.getTableReplicationStates()).isEmpty();
  }

  @Test
  void areReadAgainAfterACallThatKeptSomeOfThem() {
    store.updateTableReplicationStates(all(new Init()));
    layer.fails = true;

    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> store.updateTableReplicationStates(all(new DataSync())));
    assertThat(store.getTableReplicationStates()).isEqualTo(all(new Init()));
    store.updateTableReplicationStates(all(new DataSync()));

    assertThat(store.getTableReplicationStates()).isEqualTo(all(new DataSync()));
    assertThat(layer.calls.get(layer.calls.size() - 1))
        .containsExactly(
            new PhaseStored(SECOND, new DataSync()), new PhaseStored(THIRD, new DataSync()));
    assertThat(store.rollbackTableReplicationState(FIRST)).isEqualTo(new Init());
  }
}
