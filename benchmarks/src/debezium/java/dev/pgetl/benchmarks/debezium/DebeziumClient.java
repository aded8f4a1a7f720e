package dev.pgetl.benchmarks.debezium;

import dev.pgetl.benchmarks.client.Client;
import dev.pgetl.benchmarks.client.Conversation;
import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Latencies;
import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/** Debezium's embedded engine with the Connect format, its fastest, and a handler that counts. */
public final class DebeziumClient implements Client {
  private static final long LIMIT_MINUTES = 30;

  private final Latencies latencies = new Latencies();
  private final AtomicLong rows = new AtomicLong();
  private final CountDownLatch complete = new CountDownLatch(1);

  @Override
  public void run(Task task, Conversation harness) throws IOException, InterruptedException {
    boolean following = task.mode() == Task.Mode.FOLLOW;
    long expected = following ? Long.MAX_VALUE : task.number(Setting.ROWS);
    CountDownLatch running = new CountDownLatch(1);
    harness.awaitBegin();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine =
        DebeziumEngine.create(Connect.class)
            .using(properties(task))
            .using(new Progress(running, complete))
            .notifying((batch, committer) -> take(batch, committer, expected, following))
            .build()) {
      thread.execute(engine);
      if (following) {
        running.await();
        harness.follow(latencies);
      } else if (complete.await(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        harness.done(rows.get());
      }
    } finally {
      thread.shutdown();
    }
  }

  /** Hears when the engine streams, and when it fails. */
  private record Progress(CountDownLatch running, CountDownLatch complete)
      implements DebeziumEngine.ConnectorCallback {
    @Override
    public void pollingStarted() {
      running.countDown();
    }
  }

  private void take(
      List<ChangeEvent<SourceRecord, SourceRecord>> batch,
      RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer,
      long expected,
      boolean following)
      throws InterruptedException {
    long changes = 0;
    for (ChangeEvent<SourceRecord, SourceRecord> event : batch) {
      if (event.value().value() instanceof Struct value
          && value.schema().field("source") != null) {
        changes++;
        if (following) {
          noteAge(value);
        }
      }
      committer.markProcessed(event);
    }
    committer.markBatchFinished();
    if (rows.addAndGet(changes) >= expected) {
      complete.countDown();
    }
  }

  private void noteAge(Struct value) {
    Instant committed =
        Instant.EPOCH.plus(value.getStruct("source").getInt64("ts_us"), ChronoUnit.MICROS);
    latencies.add(ChronoUnit.MICROS.between(committed, Instant.now()));
  }

  private static Properties properties(Task task) {
    Properties properties = new Properties();
    properties.setProperty("name", "bench");
    properties.setProperty(
        "connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    properties.setProperty("topic.prefix", "bench");
    properties.setProperty(
        "offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
    properties.setProperty("offset.flush.interval.ms", "1000");
    properties.setProperty("plugin.name", "pgoutput");
    properties.setProperty("publication.name", task.text(Setting.PUBLICATION));
    properties.setProperty("publication.autocreate.mode", "disabled");
    properties.setProperty("slot.name", task.text(Setting.SLOT));
    properties.setProperty("database.hostname", task.text(Setting.HOST));
    properties.setProperty("database.port", task.text(Setting.PORT));
    properties.setProperty("database.dbname", task.text(Setting.DATABASE));
    properties.setProperty("database.user", task.text(Setting.USER));
    properties.setProperty("database.password", System.getenv("PGPASSWORD"));
    properties.setProperty(
        "snapshot.mode", task.mode() == Task.Mode.COPY ? "initial_only" : "no_data");
    if (task.has(Setting.TUNED)) {
      tune(properties);
    }
    return properties;
  }

  /** What made it fastest of all that was tried. */
  private static void tune(Properties properties) {
    properties.setProperty("max.batch.size", "8192");
    properties.setProperty("max.queue.size", "32768");
    properties.setProperty("poll.interval.ms", "5");
    properties.setProperty("snapshot.fetch.size", "10240");
    properties.setProperty("snapshot.max.threads", "2");
    properties.setProperty("provide.transaction.metadata", "false");
    properties.setProperty("record.processing.threads", "1");
  }
}
