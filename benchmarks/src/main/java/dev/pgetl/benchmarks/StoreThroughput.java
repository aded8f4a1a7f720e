package dev.pgetl.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/**
 * How fast the stores are, and what their calls cost in a stream.
 *
 * <p>{@code benchmarks/run --stores}
 */
public final class StoreThroughput {
  private static final Duration WARM_UP = Duration.ofSeconds(1);
  private static final Duration MEASURED = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int TRANSACTIONS = 20_000;
  private static final int ROWS_PER_TRANSACTION = 100;

  private static final SlotLineage LINEAGE = new SlotLineage("1", 1, new Lsn(1));
  private static final TableSchema TABLE =
      TestTable.named("t").key("id", TestTable.INT8).column("v", TestTable.TEXT).build();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private StoreThroughput() {}

  /**
   * Measures all stores.
   *
   * @param args none
   * @throws IOException if the file store has no room
   * @throws InterruptedException if it is interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("pgetl-stores");
    try (PostgresCluster cluster = PostgresCluster.builder().durable().start()) {
      System.out.printf(
          "%-10s %22s %20s %20s %24s%n",
          "store",
          "progress updates/s",
          "phase updates/s",
          "cached reads/s",
          "share of a stream's CPU");
      for (String kind : List.of("memory", "file", "postgres")) {
        try (TestDatabase source = cluster.createDatabase();
            MemoryStore store = open(kind, directory, source)) {
          Map<String, Double> rates = rates(store);
          double share = share(source, store);
          System.out.printf(
              "%-10s %,22.0f %,20.0f %,20.0f %22.2f %%%n",
              kind, rates.get("progress"), rates.get("phase"), rates.get("read"), 100 * share);
        }
      }
    }
    System.exit(0);
  }

  private static MemoryStore open(String kind, Path directory, TestDatabase source) {
    return switch (kind) {
      case "file" -> new MemoryStore(FileLayer.open(directory.resolve("state")));
      case "postgres" ->
          new MemoryStore(PostgresLayer.builder(source.connectionConfig(), "stores").build());
      default -> new MemoryStore();
    };
  }

  private static Map<String, Double> rates(PipelineStore store) {
    store.storeTableSchema(TABLE);
    Map<String, Double> rates = new LinkedHashMap<>();
    rates.put(
        "progress",
        rate(
            n ->
                store.storeReplicationProgress(
                    new ReplicationProgress("measured", LINEAGE, new Lsn(n + 1)))));
    rates.put(
        "phase",
        rate(
            n ->
                store.updateTableReplicationState(
                    TABLE.id(), new TableReplicationPhase.SyncDone(new Lsn(n + 1)))));
    LongAdder found = new LongAdder();
    rates.put(
        "read",
        rate(
            n -> {
              found.add(store.getTableReplicationState(TABLE.id()).isPresent() ? 1 : 0);
              found.add(store.getTableSchema(TABLE.id(), new Lsn(n)).isPresent() ? 1 : 0);
            }));
    store.cleanupTableState(TABLE.id());
    store.deleteReplicationProgress("measured");
    return rates;
  }

  /** Calls per second, of one thread; the warm-up counts on, so that positions rise. */
  private static double rate(LongConsumer call) {
    long warm = run(call, 0, WARM_UP);
    long begin = System.nanoTime();
    long calls = run(call, warm, MEASURED);
    return calls * 1e9 / (System.nanoTime() - begin);
  }

  private static long run(LongConsumer call, long first, Duration time) {
    long until = System.nanoTime() + time.toNanos();
    long n = first;
    while (System.nanoTime() - until < 0) {
      call.accept(n++);
    }
    return n - first;
  }

  /** {@return which part of the process's CPU time store calls take while a backlog is streamed} */
  private static double share(TestDatabase source, PipelineStore store)
      throws InterruptedException {
    source.execute(
        "create table t (id bigint primary key, v text); create publication pub for table t");
    PipelineConfig config =
        PipelineConfig.builder("stores", "pub", source.connectionConfig()).build();
    try (Pipeline pipeline = Pipeline.create(config, store, new NoDestination())) {
      pipeline.start();
      require(pipeline.awaitReady(PATIENCE), pipeline);
    }
    source.execute(
        "do $$ begin for i in 0..%d loop insert into t select g, 'value ' || g from generate_series(i * %d, i * %d + %d) g; commit; end loop; end $$"
            .formatted(
                TRANSACTIONS - 1,
                ROWS_PER_TRANSACTION,
                ROWS_PER_TRANSACTION,
                ROWS_PER_TRANSACTION - 1));
    LongAdder spent = new LongAdder();
    try (Pipeline pipeline = Pipeline.create(config, timed(store, spent), new NoDestination())) {
      long before = processCpu();
      pipeline.start();
      require(pipeline.awaitApplied(source.currentLsn(), PATIENCE), pipeline);
      return (double) spent.sum() / (processCpu() - before);
    }
  }

  private static void require(boolean reached, Pipeline pipeline) {
    if (!reached) {
      throw new IllegalStateException("not reached: " + pipeline.status());
    }
  }

  private static long processCpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static PipelineStore timed(PipelineStore store, LongAdder spent) {
    return (PipelineStore)
        Proxy.newProxyInstance(
            StoreThroughput.class.getClassLoader(),
            new Class<?>[] {PipelineStore.class},
            (proxy, method, arguments) -> {
              long begin = THREADS.getCurrentThreadCpuTime();
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              } finally {
                spent.add(THREADS.getCurrentThreadCpuTime() - begin);
              }
            });
  }
}
