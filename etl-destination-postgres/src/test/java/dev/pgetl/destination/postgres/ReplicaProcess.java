package dev.pgetl.destination.postgres;

import dev.pgetl.Pipeline;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.wal.Lsn;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pipeline in a process of its own, which halts at a named point. Arguments: JDBC URL of the
 * source, of the target, directory of the store, failpoint, at which of its passes to halt, and the
 * most bytes of a transaction; {@code -} for no failpoint. A line on its standard input holds a
 * position that it has to reach before it ends.
 */
final class ReplicaProcess {
  /** Also for a connection: a start fails if it cannot connect, and the machine may be busy. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private ReplicaProcess() {}

  /** Runs a pipeline until it has reached a position. */
  public static void main(String[] arguments) throws Exception {
    haltAt(arguments[3], new AtomicInteger(Integer.parseInt(arguments[4])));
    PgConnectionConfig source =
        PgConnectionConfig.jdbcUrl(arguments[0]).connectTimeout(PATIENCE).build();
    PgConnectionConfig target =
        PgConnectionConfig.jdbcUrl(arguments[1]).connectTimeout(PATIENCE).build();
    PipelineConfig config =
        PipelineConfig.builder("kills", "pub", source)
            .batch(BatchConfig.builder().maxSize(50).maxBytes(30_000).build())
            .tableErrorRetryDelay(Duration.ofMillis(100))
            .build();
    try (MemoryStore store = new MemoryStore(FileLayer.open(Path.of(arguments[2])));
        Pipeline pipeline =
            Pipeline.create(
                config,
                store,
                PostgresDestination.builder(target, "kills")
                    .maxTransactionBytes(Long.parseLong(arguments[5]))
                    .build())) {
      pipeline.start();
      System.out.println("started");
      BufferedReader input =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      Lsn position = Lsn.parse(input.readLine());
      if (!pipeline.awaitReady(PATIENCE) || !pipeline.awaitApplied(position, PATIENCE)) {
        throw new IllegalStateException("stays behind: " + pipeline.status());
      }
    }
  }

  private static void haltAt(String name, AtomicInteger passes) {
    if (!name.equals("-")) {
      Failpoint target = Failpoint.valueOf(name);
      Failpoint.install(
          reached -> {
            if (reached == target && passes.decrementAndGet() == 0) {
              Runtime.getRuntime().halt(137);
            }
          });
    }
  }
}
