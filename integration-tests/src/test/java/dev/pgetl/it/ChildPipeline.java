package dev.pgetl.it;

import dev.pgetl.Pipeline;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.wal.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pipeline in a process of its own, with a durable store and a {@link CallJournal}. Arguments:
 * JDBC URL, directory of the store, journal. Settings are system properties, see {@link ChildJvm}.
 * It prints {@code ready}, {@code paused} and {@code resumed}. With {@code child.copyOnly} it ends
 * by itself and prints {@code ended}; with {@code child.haltAt} it halts at a failpoint. A line on
 * its standard input holding a position makes it wait for that position, answer {@code applied} and
 * end in good order.
 */
final class ChildPipeline {
  static final int HALTED = 137;

  /** While this file stands beside the journal, writes of events are slow. */
  static final String SLOW = "slow";

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private ChildPipeline() {}

  /** Runs a pipeline until it halts, is killed or told to end. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path journal = Path.of(arguments[2]);
    CallJournal destination =
        new CallJournal(
            journal,
            haltAfter(Integer.getInteger("child.haltAfterRowWrites", Integer.MAX_VALUE)),
            slowness(journal.resolveSibling(SLOW)),
            Long.getLong("child.haltAfterInserts", Long.MAX_VALUE));
    haltAt(System.getProperty("child.haltAt", ""));
    if (Boolean.getBoolean("child.copyOnly")) {
      copyOnly(config(arguments[0]), destination);
      return;
    }
    try (MemoryStore store = new MemoryStore(FileLayer.open(Path.of(arguments[1])));
        Pipeline pipeline =
            Pipeline.create(config(arguments[0]), store, destination, new Printer())) {
      pipeline.start();
      System.out.println(pipeline.awaitReady(PATIENCE) ? "ready" : "not " + pipeline.status());
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      boolean applied = line != null && pipeline.awaitApplied(Lsn.parse(line), PATIENCE);
      System.out.println(applied ? "applied" : "stays behind: " + pipeline.status());
    }
  }

  private static void copyOnly(PipelineConfig config, CallJournal destination)
      throws InterruptedException {
    try (Pipeline pipeline = Pipeline.copyOnly(config, destination, new Printer())) {
      pipeline.start();
      System.out.println(pipeline.awaitReady(PATIENCE) ? "ready" : "not " + pipeline.status());
      pipeline.awaitTermination();
      System.out.println("ended");
    }
  }

  private static void haltAt(String failpoint) {
    if (!failpoint.isEmpty()) {
      Failpoint.install(
          at -> {
            if (at.name().equals(failpoint)) {
              Runtime.getRuntime().halt(HALTED);
            }
          });
    }
  }

  private static PipelineConfig config(String url) {
    PgConnectionConfig source =
        PgConnectionConfig.jdbcUrl(url)
            .statusInterval(Duration.ofMillis(500))
            .walSenderTimeout(Duration.ofSeconds(3))
            .build();
    return PipelineConfig.builder("it", "pub", source)
        .batch(BatchConfig.builder().maxBytes(Long.getLong("child.maxBytes", 1 << 20)).build())
        .maxTablesPerSyncWorker(Integer.getInteger("child.tablesPerSyncWorker", 64))
        .publicationRefreshInterval(Duration.ZERO)
        .build();
  }

  private static Runnable haltAfter(int calls) {
    AtomicInteger left = new AtomicInteger(calls);
    return () -> {
      if (left.decrementAndGet() == 0) {
        Runtime.getRuntime().halt(HALTED);
      }
    };
  }

  /** The first slow write takes longer than the server bears silence, later ones half a second. */
  private static Runnable slowness(Path mark) {
    AtomicBoolean first = new AtomicBoolean(true);
    CountDownLatch never = new CountDownLatch(1);
    return () -> {
      if (Files.exists(mark)) {
        try {
          boolean reached =
              never.await(first.getAndSet(false) ? 3_500 : 500, TimeUnit.MILLISECONDS);
          assert !reached;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  private static final class Printer implements PipelineListener {
    @Override
    public void onBackpressure(boolean paused) {
      System.out.println(paused ? "paused" : "resumed");
    }
  }
}
