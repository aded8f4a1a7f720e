package dev.pgetl.examples.lifecycle;

import dev.pgetl.PipelineRunner;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.status.page.StatusPage;
import dev.pgetl.store.memory.InMemoryLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A pipeline with a status page: twelve tables change all the time, and the destination refuses one
 * of them, so there is something to see.
 *
 * <pre>
 * examples/run lifecycle.WatchedPipeline    # prints the address of the page; Ctrl-C ends it
 * </pre>
 */
public final class WatchedPipeline {
  private static final int TABLES = 12;
  private static final String REFUSED = "table_7";

  private WatchedPipeline() {}

  /** The argument is the port of the page; without it, any that is free. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int port = arguments.length == 0 ? 0 : Integer.parseInt(arguments[0]);
    TestDatabase database = TestPostgres.shared().createDatabase();
    for (int table = 1; table <= TABLES; table++) {
      database.execute("create table table_" + table + " (id bigserial primary key, text text)");
      database.execute(insert(table, 1_000 * table));
    }
    database.execute("create publication pub for all tables");
    ScheduledExecutorService changes = Executors.newSingleThreadScheduledExecutor();
    Future<?> unused =
        changes.scheduleWithFixedDelay(() -> change(database), 1, 1, TimeUnit.SECONDS);

    PipelineConfig config =
        PipelineConfig.builder("watched", "pub", database.connectionConfig()).build();
    // tag::status_page[]
    try (PipelineRunner runner =
            PipelineRunner.builder()
                .pipeline(config, () -> new MemoryStore(new InMemoryLayer()), Choosy::new)
                .build();
        StatusPage page = StatusPage.builder().runner(runner).port(port).start()) {
      System.out.println("the status is at " + page.uri());
      runner.runUntilShutdown();
    }
    // end::status_page[]
    changes.shutdownNow();
  }

  private static void change(TestDatabase database) {
    for (int table = 1; table <= TABLES; table++) {
      database.execute(insert(table, table));
    }
  }

  private static String insert(int table, int rows) {
    return "insert into table_%d (text) select repeat('x', 100) from generate_series(1, %d)"
        .formatted(table, rows);
  }

  /** Takes everything but one table. */
  private record Choosy() implements Destination {
    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      if (table.name().name().equals(REFUSED)) {
        throw new EtlException(
            ErrorKind.DESTINATION_REJECTED, "the destination has no table " + table.name());
      }
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      return WriteResult.DURABLE;
    }
  }
}
