package dev.pgetl.benchmarks;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.function.Supplier;

/** How fast a backlog of rows of 1 KB goes through a whole pipeline into a destination. */
final class PipelineThroughput implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int TRANSACTIONS = 3_000;
  private static final int ROWS_PER_TRANSACTION = 100;
  private static final String ROWS =
      "do $$ begin for i in 1..%d loop insert into orders (customer, paid, amount, placed, details) select 'customer ' || g, true, 12.50, now(),"
          + " repeat(md5(g::text) || ' ', 27) from generate_series(1, %d) g; commit; end loop; end $$";

  private final PostgresCluster cluster = PostgresCluster.builder().start();
  private final TestDatabase source = cluster.createDatabase();
  private final MemoryStore store = new MemoryStore();
  private final PipelineConfig config =
      PipelineConfig.builder("http", "pub", source.connectionConfig()).build();

  PipelineThroughput() throws InterruptedException {
    source.execute(
        "create table orders (id bigint generated always as identity primary key, customer text, paid boolean, amount numeric, placed timestamptz, details text);"
            + " create publication pub for table orders");
    try (Pipeline pipeline = Pipeline.create(config, store, new NoDestination())) {
      pipeline.start();
      require(pipeline.awaitReady(PATIENCE), pipeline);
    }
  }

  /** {@return rows per second} */
  double measure(Supplier<Destination> destination) throws InterruptedException {
    source.execute(ROWS.formatted(TRANSACTIONS, ROWS_PER_TRANSACTION));
    try (Destination target = destination.get();
        Pipeline pipeline = Pipeline.create(config, store, target)) {
      long begin = System.nanoTime();
      pipeline.start();
      require(pipeline.awaitApplied(source.currentLsn(), PATIENCE), pipeline);
      double seconds = (System.nanoTime() - begin) / 1e9;
      return TRANSACTIONS * ROWS_PER_TRANSACTION / seconds;
    }
  }

  private static void require(boolean reached, Pipeline pipeline) {
    if (!reached) {
      throw new IllegalStateException("not reached: " + pipeline.status());
    }
  }

  @Override
  public void close() {
    store.close();
    source.close();
    cluster.close();
  }
}
