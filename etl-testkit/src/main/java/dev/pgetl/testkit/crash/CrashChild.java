package dev.pgetl.testkit.crash;

import dev.pgetl.Pipeline;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The process that is killed. Arguments: class of the subject, directory, name of a failpoint or
 * {@code -}, at which of its passes to halt, errand. A line on its standard input makes it end
 * cleanly; if it holds a position, once everything up to there has been applied.
 */
final class CrashChild {
  static final int HALTED = 137;
  static final String SOURCE = "PGETL_CRASH_SOURCE";
  static final String STARTED = "[started]";
  static final String APPLIED = "[applied]";
  static final String PIPELINE = "crash";

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration READY_LIMIT = Duration.ofSeconds(5);

  /** Rows of the beginning and rows that came later; keys of both move out of it. */
  private static final KeyRange AGAIN = new KeyRange("id", "1000", "1000500");

  /** A start fails if it cannot connect, which takes long while the machine is busy. */
  private static final Duration BUSY = Duration.ofMinutes(1);

  private CrashChild() {}

  /** Runs a pipeline until it is killed or asked to end. */
  public static void main(String[] arguments) throws Exception {
    haltAt(arguments[2], new AtomicInteger(Integer.parseInt(arguments[3])));
    CrashSubject subject =
        Class.forName(arguments[0])
            .asSubclass(CrashSubject.class)
            .getDeclaredConstructor()
            .newInstance();
    PgConnectionConfig source =
        PgConnectionConfig.jdbcUrl(Objects.requireNonNull(System.getenv(SOURCE)))
            .connectTimeout(BUSY)
            .build();
    CrashSite site = new CrashSite(Path.of(arguments[1]), source);
    PipelineStore store = subject.openStore(site);
    DeliveryJournal journal =
        new DeliveryJournal(site.directory().resolve("journal"), subject.openDestination(site));
    journalStart(store, journal);
    PipelineConfig config = subject.settings(settings(source)).build();
    try (Pipeline pipeline = Pipeline.create(config, store, journal, listener(journal))) {
      pipeline.start();
      System.out.println(STARTED);
      runErrand(Fault.Errand.valueOf(arguments[4]), pipeline, store);
    }
    if (store instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }

  private static PipelineConfig.Builder settings(PgConnectionConfig source) {
    return PipelineConfig.builder(PIPELINE, "pub", source)
        .batch(BatchConfig.builder().maxSize(500).maxBytes(64 << 10).build())
        .tableCopy(TableCopyConfig.all().readBy(ReadBy.KEY))
        .tableErrorRetryDelay(Duration.ofMillis(100))
        .tableErrorRetryMaxAttempts(100)
        .publicationRefreshInterval(Duration.ofMillis(200));
  }

  private static PipelineListener listener(DeliveryJournal journal) {
    return new PipelineListener() {
      @Override
      public void onRetry(EtlException failure, int attempt, Duration delay) {
        journal.reconnects();
      }
    };
  }

  private static void journalStart(PipelineStore store, DeliveryJournal journal) {
    store.loadReplicationProgress();
    store.loadTableReplicationStates();
    Lsn position =
        store
            .getReplicationProgress("pgetl_apply_" + PIPELINE)
            .map(ReplicationProgress::flushedLsn)
            .orElse(Lsn.ZERO);
    journal.started(position, ready(store));
  }

  private static List<TableId> ready(PipelineStore store) {
    return store.getTableReplicationStates().entrySet().stream()
        .filter(entry -> entry.getValue() instanceof Ready)
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private static void runErrand(Fault.Errand errand, Pipeline pipeline, PipelineStore store)
      throws IOException, InterruptedException {
    if (errand == Fault.Errand.RESYNC) {
      resyncSome(pipeline, store);
    }
    String line =
        errand == Fault.Errand.STOP
            ? ""
            : new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                .readLine();
    if (line != null && !line.isEmpty()) {
      boolean applied =
          pipeline.awaitReady(PATIENCE) && pipeline.awaitApplied(Lsn.parse(line), PATIENCE);
      System.out.println(applied ? APPLIED : "not applied: " + pipeline.status());
    }
  }

  /**
   * Every second table, once all are ready or the time for that is over; of every other one of them
   * a range.
   */
  private static void resyncSome(Pipeline pipeline, PipelineStore store)
      throws InterruptedException {
    boolean allReady = pipeline.awaitReady(READY_LIMIT);
    List<TableId> ready = ready(store);
    System.out.println("resync of " + ready + (allReady ? "" : ", others are not ready"));
    for (int i = 0; i < ready.size(); i += 4) {
      pipeline.resync(ready.get(i));
    }
    for (int i = 2; i < ready.size(); i += 4) {
      pipeline.resync(ready.get(i), AGAIN);
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
