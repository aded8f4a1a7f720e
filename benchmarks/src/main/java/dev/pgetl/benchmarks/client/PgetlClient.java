package dev.pgetl.benchmarks.client;

import dev.pgetl.Pipeline;
import dev.pgetl.PipelineGroup;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Our own library, through its public API, with its defaults. */
public final class PgetlClient implements Client {
  /** The slot of a single pipeline's main stream. */
  public static final String SLOT = slot(0);

  private static final Duration LIMIT = Duration.ofMinutes(30);

  /** {@return the id of a pipeline, counted from 0} */
  static String id(int stream) {
    return "bench_" + stream;
  }

  /** {@return the slot of a pipeline's main stream} */
  public static String slot(int stream) {
    return "pgetl_apply_" + id(stream);
  }

  /**
   * {@return the publication of a pipeline}
   *
   * @param all the publication of all tables
   * @param stream which pipeline
   * @param streams of how many
   */
  public static String publication(String all, int stream, int streams) {
    return streams == 1 ? all : all + "_" + stream;
  }

  @Override
  public void run(Task task, Conversation harness) throws IOException, InterruptedException {
    int streams = task.has(Setting.STREAMS) ? (int) task.number(Setting.STREAMS) : 1;
    List<NullDestination> destinations =
        Stream.generate(() -> new NullDestination(task)).limit(streams).toList();
    List<Pipeline> pipelines = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      pipelines.add(Pipeline.create(config(task, i, streams), store(task, i), destinations.get(i)));
    }
    try (PipelineGroup group = PipelineGroup.of(pipelines)) {
      harness.awaitBegin();
      group.start();
      switch (task.mode()) {
        case STREAM -> {
          if (!group.awaitApplied(task.target(), LIMIT)) {
            throw new IllegalStateException("the pipelines did not reach " + task.target());
          }
          harness.done(destinations.stream().mapToLong(NullDestination::rows).sum());
        }
        case COPY -> {
          destinations.get(0).awaitComplete(LIMIT.toSeconds());
          harness.copied(Map.of());
          requireReady(group);
          harness.done(destinations.get(0).rows());
        }
        case RESUME, REPLICA_STREAM, REPLICA_COPY, REPLICA_FOLLOW ->
            throw new IllegalArgumentException(task.mode() + " is another client's");
        case FOLLOW -> {
          requireReady(group);
          harness.follow(destinations.get(0).latencies());
        }
      }
    }
  }

  private static void requireReady(PipelineGroup group) throws InterruptedException {
    if (!group.awaitReady(LIMIT)) {
      throw new IllegalStateException("the tables did not become ready");
    }
  }

  static MemoryStore store(Task task, int stream) throws IOException {
    if (task.has(Setting.FILE_STORE)) {
      Path folder = Files.createTempDirectory("pgetl-benchmark-state");
      return new MemoryStore(FileLayer.open(folder));
    }
    return task.has(Setting.STATE)
        ? PipelineState.load(Path.of(task.text(Setting.STATE)), stream)
        : new MemoryStore();
  }

  static PipelineConfig config(Task task, int stream, int streams) throws IOException {
    PgConnectionConfig source =
        PgConnectionConfig.builder(
                task.text(Setting.HOST), task.text(Setting.DATABASE), task.text(Setting.USER))
            .port((int) task.number(Setting.PORT))
            .password(System.getenv("PGPASSWORD"))
            .tls(
                task.has(Setting.CERTIFICATE)
                    ? TlsConfig.trusting(Files.readString(Path.of(task.text(Setting.CERTIFICATE))))
                    : TlsConfig.DISABLED)
            .build();
    PipelineConfig.Builder config =
        PipelineConfig.builder(
                id(stream), publication(task.text(Setting.PUBLICATION), stream, streams), source)
            .binary(task.has(Setting.BINARY));
    if (task.has(Setting.TOGETHER)) {
      config.maxTablesPerSyncWorker((int) task.number(Setting.TOGETHER));
    }
    if (task.has(Setting.READ_BY)) {
      ReadBy order = ReadBy.valueOf(task.text(Setting.READ_BY));
      config.tableCopy(TableCopyConfig.all().readBy(order));
    }
    return task.has(Setting.CONNECTIONS)
        ? config.maxCopyConnectionsPerTable((int) task.number(Setting.CONNECTIONS)).build()
        : config.build();
  }
}
