package dev.pgetl.store.memory;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import java.util.List;
import java.util.function.Consumer;

/**
 * A simulated persistent layer: it outlives the store over it, not the process. For tests,
 * experiments, and pipelines that may copy everything again after a restart. Give the same layer to
 * a second {@link MemoryStore} to see what a restart would find.
 *
 * <p>It does not refuse a second user. Thread-safe.
 */
public final class InMemoryLayer implements PersistentLayer {
  private final StoreState state = new StoreState();

  /** Creates an empty layer. */
  public InMemoryLayer() {}

  @Override
  public void write(StoreChange change) {
    state.apply(change);
  }

  @Override
  public void read(Consumer<StoreChange> sink) {
    state.changes().forEach(sink);
  }

  @Override
  public List<Finding> diagnose() {
    return List.of(
        Finding.of(
                FindingCode.STORE_VOLATILE,
                "the state of the pipeline is in memory only: the next process copies all tables again")
            .fixedBy("Use a FileLayer or a PostgresLayer, unless that is what you want"));
  }
}
