package dev.pgetl.benchmarks.client;

import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import java.nio.file.Path;

/** The state of a pipeline, handed from one process to another. */
public final class StateCopy {
  private StateCopy() {}

  /** {@return a store in memory that remembers what a folder holds} */
  static MemoryStore fromFolder(Path folder, String slot) {
    MemoryStore copy = new MemoryStore();
    try (FileLayer layer = FileLayer.open(folder);
        MemoryStore stored = new MemoryStore(layer)) {
      stored.loadTableSchemas();
      stored.loadTableReplicationStates();
      stored.loadReplicationProgress();
      copy(stored, copy, slot);
    }
    return copy;
  }

  private static void copy(PipelineStore from, PipelineStore to, String slot) {
    from.getTableSchemas().forEach(to::storeTableSchema);
    from.getTableReplicationStates().forEach(to::updateTableReplicationState);
    from.getReplicationProgress(slot).ifPresent(to::storeReplicationProgress);
  }
}
