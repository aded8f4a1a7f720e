package dev.pgetl.benchmarks.client;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import java.nio.file.Path;
import java.time.Duration;

/** What a pipeline remembers, handed from the harness to clients in a folder. */
public final class PipelineState {
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** There may be hundreds of tables. */
  private static final int SYNC_WORKERS = 16;

  private PipelineState() {}

  /**
   * Lets a pipeline create its slot and finish with the tables, which are empty.
   *
   * @param folder keeps what it remembers, beside others
   * @param stream which pipeline
   * @param publication of the tables
   * @param source the server
   * @throws InterruptedException if the thread is interrupted
   */
  public static void prepare(Path folder, int stream, String publication, PgConnectionConfig source)
      throws InterruptedException {
    PipelineConfig config =
        PipelineConfig.builder(PgetlClient.id(stream), publication, source)
            .maxTableSyncWorkers(SYNC_WORKERS)
            .build();
    try (FileLayer layer = FileLayer.open(folder.resolve(PgetlClient.id(stream)));
        MemoryStore store = new MemoryStore(layer);
        Pipeline pipeline =
            Pipeline.create(config, store, new NullDestination(Task.of(Task.Mode.STREAM)))) {
      pipeline.start();
      if (!pipeline.awaitReady(LIMIT)) {
        throw new IllegalStateException("the tables did not become ready");
      }
    }
  }

  /** {@return a store in memory that remembers what a folder holds of a pipeline} */
  static MemoryStore load(Path folder, int stream) {
    MemoryStore copy = new MemoryStore();
    try (FileLayer layer = FileLayer.open(folder.resolve(PgetlClient.id(stream)));
        MemoryStore stored = new MemoryStore(layer)) {
      stored.loadTableSchemas();
      stored.loadTableReplicationStates();
      stored.loadReplicationProgress();
      copy(stored, copy, PgetlClient.slot(stream));
    }
    return copy;
  }

  private static void copy(PipelineStore from, PipelineStore to, String slot) {
    from.getTableSchemas().forEach(to::storeTableSchema);
    from.getTableReplicationStates().forEach(to::updateTableReplicationState);
    from.getReplicationProgress(slot).ifPresent(to::storeReplicationProgress);
  }
}
