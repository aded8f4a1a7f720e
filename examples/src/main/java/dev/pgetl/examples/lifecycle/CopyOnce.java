package dev.pgetl.examples.lifecycle;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.Comparator;
import java.util.List;

/**
 * Copies the tables of a publication once, of one table only some rows, and ends: a batch job
 * instead of a stream. It leaves neither slot nor state behind. A table that could not be copied
 * makes it fail, and the message names the table.
 *
 * <pre>
 * examples/run lifecycle.CopyOnce
 * </pre>
 */
public final class CopyOnce {
  private static final String TABLES =
      """
      create table users (id int primary key, name text);
      create table orders (id int primary key, open boolean);
      create publication pub for table users, orders;
      insert into users select g, 'user ' || g from generate_series(1, 1000) g;
      insert into orders select g, g % 4 = 0 from generate_series(1, 2000) g;
      """;

  private CopyOnce() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (TestDatabase database = TestPostgres.shared().createDatabase()) {
      database.execute(TABLES);
      PipelineConfig config =
          PipelineConfig.builder("copy_once", "pub", database.connectionConfig())
              .tableCopy(TableCopyConfig.all().rows(new TableName("public", "orders"), "open"))
              .build();
      try (Pipeline copy = Pipeline.copyOnly(config, new Forgetful())) {
        copy.start();
        copy.awaitTermination(); // throws if a table was not copied
        copy.status().tables().values().stream()
            .sorted(Comparator.comparing(table -> table.name().toString()))
            .map(CopyOnce::described)
            .forEach(System.out::println);
      }
      System.out.println(database.slots().size() + " slots are left");
    }
  }

  private static String described(TableStatus table) {
    return table.name() + " is " + table.phase().name() + ", " + table.copiedRows() + " rows";
  }

  /** Takes everything. */
  private static final class Forgetful implements Destination {
    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      throw new IllegalStateException("there is no stream");
    }
  }
}
