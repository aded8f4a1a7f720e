package dev.pgetl.it.replace;

import dev.pgetl.Pipeline;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.wal.Lsn;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pipeline in a process of its own, which halts at a named point. Arguments: JDBC URL of the
 * source, of the target, directory of the store, failpoint, and at which of its passes to halt;
 * {@code -} and 0 for nowhere. Once all is ready it copies its table again. A line on its standard
 * input holds a position that it has to reach before it ends.
 */
final class ReplacingProcess {
  static final int HALTED = 137;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private ReplacingProcess() {}

  /** Runs a pipeline until it halts, or has reached a position. */
  public static void main(String[] arguments) throws Exception {
    haltAt(arguments[3], new AtomicInteger(Integer.parseInt(arguments[4])));
    SqlDestination destination =
        new SqlDestination(() -> DriverManager.getConnection(arguments[1]), true);
    PgConnectionConfig source = PgConnectionConfig.jdbcUrl(arguments[0]).build();
    try (MemoryStore store = new MemoryStore(FileLayer.open(Path.of(arguments[2])));
        Pipeline pipeline = Pipeline.create(config(source), store, destination)) {
      pipeline.start();
      require(pipeline.awaitReady(PATIENCE), pipeline);
      TableId users = pipeline.status().tables().keySet().iterator().next();
      pipeline.resync(users);
      require(pipeline.awaitReady(PATIENCE), pipeline);
      BufferedReader input =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      Lsn position = Lsn.parse(input.readLine());
      require(pipeline.awaitApplied(position, PATIENCE), pipeline);
    }
  }

  static PipelineConfig config(PgConnectionConfig source) {
    return PipelineConfig.builder("replace", "pub", source)
        .batch(BatchConfig.builder().maxSize(200).build())
        .tableCopy(TableCopyConfig.all().readBy(ReadBy.KEY))
        .tableErrorRetryDelay(Duration.ofMillis(100))
        .publicationRefreshInterval(Duration.ZERO)
        .build();
  }

  private static void require(boolean reached, Pipeline pipeline) {
    if (!reached) {
      throw new IllegalStateException("stays behind: " + pipeline.status());
    }
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
