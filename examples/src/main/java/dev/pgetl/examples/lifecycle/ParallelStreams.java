package dev.pgetl.examples.lifecycle;

import dev.pgetl.Pipeline;
import dev.pgetl.PipelineGroup;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Two streams of one database that run as one: each has its own publication, and so a separate
 * server process decodes it. Useful where one core of the server does not keep up and others are
 * free.
 *
 * <pre>
 * examples/run lifecycle.ParallelStreams
 * </pre>
 */
public final class ParallelStreams {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final String TABLES =
      """
      create table users (id int primary key, name text);
      create table orders (id int primary key, item text);
      create table payments (id int primary key, amount int);
      create publication people for table users;
      create publication sales for table orders, payments;
      insert into users select g, 'user ' || g from generate_series(1, 1000) g;
      """;

  private static final String CHANGES =
      """
      insert into orders select g, 'item ' || g from generate_series(1, 2000) g;
      insert into payments select g, g * 10 from generate_series(1, 500) g;
      insert into users values (1001, 'Ada');
      """;

  private ParallelStreams() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (TestDatabase database = TestPostgres.shared().createDatabase()) {
      database.execute(TABLES);
      Counter people = new Counter();
      Counter sales = new Counter();
      try (PipelineGroup group =
          PipelineGroup.of(
              pipeline(database, "people", people), pipeline(database, "sales", sales))) {
        group.start();
        require(group.awaitReady(LIMIT));
        database.execute(CHANGES);
        require(group.awaitApplied(database.currentLsn(), LIMIT)); // in both streams
        group.status().forEach((id, status) -> System.out.println(id + " is " + status.state()));
      }
      System.out.println("people: " + people + " of " + rows(database, "users"));
      System.out.println("sales: " + sales + " of " + rows(database, "orders", "payments"));
    }
  }

  /** A pipeline with its own id, publication, store and destination; it creates its own slot. */
  private static Pipeline pipeline(TestDatabase database, String name, Destination destination) {
    PipelineConfig config = PipelineConfig.builder(name, name, database.connectionConfig()).build();
    return Pipeline.create(config, new MemoryStore(), destination);
  }

  private static void require(boolean inTime) {
    if (!inTime) {
      throw new IllegalStateException("not there after " + LIMIT);
    }
  }

  private static long rows(TestDatabase database, String... tables) {
    long rows = 0;
    for (String table : tables) {
      rows += Long.parseLong(database.value("select count(*) from " + table));
    }
    return rows;
  }

  /** Counts what is copied and inserted. Thread-safe. */
  private static final class Counter implements Destination {
    private final AtomicLong copied = new AtomicLong();
    private final AtomicLong inserted = new AtomicLong();

    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      copied.addAndGet(rows.size());
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      inserted.addAndGet(events.stream().filter(Event.Insert.class::isInstance).count());
      return WriteResult.DURABLE;
    }

    @Override
    public String toString() {
      return copied + " copied and " + inserted + " inserted";
    }
  }
}
