package dev.pgetl.it.crash;

import dev.pgetl.Pipeline;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.wal.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The process that is killed. Arguments: JDBC URL, directory, name of a failpoint or {@code -}, at
 * which of its passes to halt. A line on its standard input holding a position makes it wait for
 * that position, answer {@code applied} and end in good order.
 */
final class CrashChild {
  static final int HALTED = 137;

  private CrashChild() {}

  /** Runs a pipeline until it is killed or told to end. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    haltAt(arguments[2], new AtomicInteger(Integer.parseInt(arguments[3])));
    Path directory = Path.of(arguments[1]);
    PgConnectionConfig source = PgConnectionConfig.jdbcUrl(arguments[0]).build();
    PipelineConfig config =
        PipelineConfig.builder("crash", "pub", source)
            .batch(BatchConfig.builder().maxSize(500).maxBytes(64 << 10).build())
            .tableErrorRetryDelay(Duration.ofMillis(100))
            .publicationRefreshInterval(Duration.ofMillis(200))
            .build();
    try (MemoryStore store = new MemoryStore(FileLayer.open(directory.resolve("state")));
        LogDestination log = new LogDestination(directory.resolve("log"))) {
      logStart(store, log);
      try (Pipeline pipeline = Pipeline.create(config, store, log)) {
        pipeline.start();
        System.out.println("started");
        String line =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        boolean applied =
            line != null
                && pipeline.awaitReady(Duration.ofMinutes(2))
                && pipeline.awaitApplied(Lsn.parse(line), Duration.ofMinutes(2));
        System.out.println(applied ? "applied" : "not applied: " + pipeline.status());
      }
    }
  }

  private static void logStart(MemoryStore store, LogDestination log) {
    store.loadReplicationProgress();
    store.loadTableReplicationStates();
    String position =
        store
            .getReplicationProgress("pgetl_apply_crash")
            .map(progress -> progress.flushedLsn().toString())
            .orElse("0/0");
    List<TableId> ready =
        store.getTableReplicationStates().entrySet().stream()
            .filter(entry -> entry.getValue() instanceof Ready)
            .map(Map.Entry::getKey)
            .toList();
    log.started(position, ready);
  }

  private static void haltAt(String name, AtomicInteger passes) {
    if (!name.equals("-")) {
      Failpoint target = Failpoint.valueOf(name);
      Failpoint.install(
          reached -> {
            if (reached == target && passes.decrementAndGet() == 0) {
              Runtime.getRuntime().halt(HALTED);
            }
          });
    }
  }
}
