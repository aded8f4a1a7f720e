package dev.pgetl.benchmarks.client;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Our own library, through its public API, with its defaults. */
public final class PgetlClient implements Client {
  /** The pipeline's id. */
  public static final String ID = "bench";

  /** The slot of its main stream. */
  public static final String SLOT = "pgetl_apply_" + ID;

  private static final Duration LIMIT = Duration.ofMinutes(30);

  @Override
  public void run(Task task, Conversation harness) throws IOException, InterruptedException {
    NullDestination destination = new NullDestination(task);
    try (MemoryStore store = store(task);
        Pipeline pipeline = Pipeline.create(config(task), store, destination)) {
      harness.awaitBegin();
      pipeline.start();
      switch (task.mode()) {
        case STREAM -> {
          if (!pipeline.awaitApplied(task.target(), LIMIT)) {
            throw new IllegalStateException("the pipeline did not reach " + task.target());
          }
          harness.done(destination.rows());
        }
        case COPY -> {
          destination.awaitComplete(LIMIT.toSeconds());
          harness.done(destination.rows());
        }
        case FOLLOW -> {
          if (!pipeline.awaitReady(LIMIT)) {
            throw new IllegalStateException("the tables did not become ready");
          }
          harness.follow(destination.latencies());
        }
      }
    }
  }

  private static MemoryStore store(Task task) {
    return task.has(Setting.STATE)
        ? PipelineState.load(Path.of(task.text(Setting.STATE)))
        : new MemoryStore();
  }

  private static PipelineConfig config(Task task) {
    PgConnectionConfig source =
        PgConnectionConfig.builder(
                task.text(Setting.HOST), task.text(Setting.DATABASE), task.text(Setting.USER))
            .port((int) task.number(Setting.PORT))
            .password(System.getenv("PGPASSWORD"))
            .build();
    PipelineConfig.Builder config =
        PipelineConfig.builder(ID, task.text(Setting.PUBLICATION), source)
            .binary(task.has(Setting.BINARY));
    return task.has(Setting.CONNECTIONS)
        ? config.maxCopyConnectionsPerTable((int) task.number(Setting.CONNECTIONS)).build()
        : config.build();
  }
}
