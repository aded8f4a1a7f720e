package dev.pgetl.benchmarks.client;

import dev.pgetl.Pipeline;
import dev.pgetl.benchmarks.measure.Latencies;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.postgres.PostgresDestination;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.memory.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;

/** Our own library with its destination in another Postgres, both with their defaults. */
public final class ReplicaClient implements Client {
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final Duration INTERVAL = Duration.ofMillis(10);

  @Override
  public void run(Task task, Conversation harness) throws IOException, InterruptedException {
    try (MemoryStore store = PgetlClient.store(task, 0);
        Pipeline pipeline =
            Pipeline.create(PgetlClient.config(task, 0, 1), store, destination(task))) {
      harness.awaitBegin();
      pipeline.start();
      switch (task.mode()) {
        case REPLICA_STREAM -> {
          require(pipeline.awaitApplied(task.target(), LIMIT), pipeline);
          harness.done(task.number(Setting.ROWS));
        }
        case REPLICA_COPY -> {
          awaitCopied(pipeline);
          harness.copied(Map.of());
          require(pipeline.awaitReady(LIMIT), pipeline);
          harness.done(task.number(Setting.ROWS));
        }
        case REPLICA_FOLLOW -> {
          require(pipeline.awaitReady(LIMIT), pipeline);
          harness.follow(new Latencies());
        }
        default -> throw new IllegalArgumentException(task.mode() + " is another client's");
      }
    }
  }

  private static Destination destination(Task task) {
    PgConnectionConfig target =
        PgConnectionConfig.builder(
                task.text(Setting.HOST),
                task.text(Setting.SUBSCRIBER_DATABASE),
                task.text(Setting.USER))
            .port((int) task.number(Setting.SUBSCRIBER_PORT))
            .password(System.getenv("PGPASSWORD"))
            .tls(TlsConfig.DISABLED)
            .build();
    return PostgresDestination.builder(target, PgetlClient.id(0)).build();
  }

  private static void awaitCopied(Pipeline pipeline) {
    Awaitility.await("every table is copied")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(INTERVAL)
        .until(() -> isCopied(pipeline.status()));
  }

  private static boolean isCopied(PipelineStatus status) {
    return !status.tables().isEmpty()
        && status.tables().values().stream()
            .map(TableStatus::phase)
            .allMatch(ReplicaClient::isPast);
  }

  private static boolean isPast(TableReplicationPhase phase) {
    return !(phase instanceof TableReplicationPhase.Init
        || phase instanceof TableReplicationPhase.DataSync
        || phase instanceof TableReplicationPhase.Errored);
  }

  private static void require(boolean reached, Pipeline pipeline) {
    if (!reached) {
      throw new IllegalStateException("the pipeline stays behind: " + pipeline.status());
    }
  }
}
