package dev.pgetl.it.kills;

import dev.pgetl.Pipeline;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.CopyLimit;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.memory.PersistentLayer;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.wal.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * The process that is killed: a pipeline over a {@link FileDestination}. Its settings are system
 * properties. It prints the phases of tables that it finds and each that follows. A position on its
 * standard input makes it wait for that position, print {@code applied} and end.
 */
final class KilledPipeline {
  static final String SOURCE = "PGETL_KILLED_SOURCE";
  static final String ID = "kills";
  static final String STARTED = "started";
  static final String APPLIED = "applied";

  private static final int SLOW_BYTES_PER_SECOND = 1_000_000;
  private static final int SLOW_BATCH = 200;

  /** Also for a connection: a start fails if it cannot connect, and the machine may be busy. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Path directory = Path.of(System.getProperty("killed.directory"));
  private final int process = Integer.getInteger("killed.process");
  private final Map<Long, TableFiles> byOid = new LinkedHashMap<>();
  private final Map<String, TableFiles> byName = new LinkedHashMap<>();

  private KilledPipeline() {}

  /** Runs a pipeline until it is killed, or asked to end. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    new KilledPipeline().run();
  }

  private void run() throws IOException, InterruptedException {
    PgConnectionConfig source =
        PgConnectionConfig.jdbcUrl(System.getenv(SOURCE)).connectTimeout(PATIENCE).build();
    openTables();
    FileDestination destination =
        new FileDestination(
            directory, byName, process, new Random(Long.getLong("killed.seed") + process));
    try (MemoryStore store = new MemoryStore(layer(source))) {
      markStart(store);
      try (Pipeline pipeline =
          Pipeline.create(config(source), store, destination, listener(destination))) {
        pipeline.start();
        System.out.println(STARTED);
        String line =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        boolean applied =
            line != null
                && pipeline.awaitReady(PATIENCE)
                && pipeline.awaitApplied(Lsn.parse(line), PATIENCE);
        System.out.println(applied ? APPLIED : "stays behind: " + pipeline.status());
      }
    }
  }

  /** Each is {@code name:oid:keys}. */
  private void openTables() {
    Violations violations = new Violations(directory);
    for (String table : System.getProperty("killed.tables").split(",")) {
      String[] words = table.split(":");
      TableFiles files =
          new TableFiles(directory, words[0], Long.parseLong(words[2]), process, violations);
      byName.put(words[0], files);
      byOid.put(Long.parseLong(words[1]), files);
    }
  }

  private PersistentLayer layer(PgConnectionConfig source) {
    return System.getProperty("killed.store").equals("file")
        ? FileLayer.open(directory.resolve("store"))
        : PostgresLayer.builder(source, ID).build();
  }

  private static PipelineConfig config(PgConnectionConfig source) {
    TableCopyConfig copies =
        TableCopyConfig.all().readBy(ReadBy.valueOf(System.getProperty("killed.readBy")));
    PipelineConfig.Builder config =
        PipelineConfig.builder(ID, "pub", source)
            .maxCopyConnectionsPerTable(Integer.getInteger("killed.connections"))
            .tableErrorRetryDelay(Duration.ofMillis(100));
    return Boolean.getBoolean("killed.slowly")
        ? config
            .tableCopy(copies.limitedTo(CopyLimit.ofBytesPerSecond(SLOW_BYTES_PER_SECOND)))
            .batch(BatchConfig.builder().maxSize(SLOW_BATCH).build())
            .build()
        : config.tableCopy(copies).build();
  }

  /** Notes from where the stream that has a table may repeat its events. */
  private void markStart(PipelineStore store) {
    store.loadReplicationProgress();
    store.loadTableReplicationStates();
    byOid.forEach(
        (oid, files) -> {
          TableReplicationPhase phase =
              store.getTableReplicationState(new TableId(oid)).orElse(new Init());
          print(files.name(), phase);
          long position = position(store, oid, phase).value();
          files.mark(EventFile.Kind.STARTED, new EventKey(position, 0));
        });
  }

  private static void print(String table, TableReplicationPhase phase) {
    System.out.println(table + " is " + phase.name());
  }

  private static Lsn position(PipelineStore store, long oid, TableReplicationPhase phase) {
    if (phase instanceof FinishedCopy) {
      return stored(store, "pgetl_sync_" + ID + "_" + oid);
    } else if (phase instanceof SyncDone done) {
      return Lsn.max(done.lsn(), stored(store, "pgetl_apply_" + ID));
    }
    return phase instanceof Ready ? stored(store, "pgetl_apply_" + ID) : Lsn.ZERO;
  }

  private static Lsn stored(PipelineStore store, String slot) {
    return store.getReplicationProgress(slot).map(ReplicationProgress::flushedLsn).orElse(Lsn.ZERO);
  }

  private static PipelineListener listener(FileDestination destination) {
    return new PipelineListener() {
      @Override
      public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
        print(name.name(), phase);
      }

      @Override
      public void onRetry(EtlException failure, int attempt, Duration delay) {
        destination.reconnected();
      }
    };
  }
}
