package dev.pgetl.examples.consistency;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes to Postgres and reads the same from the destination, here a map: the writer asks for the
 * position behind the commit, and the reader waits until the destination holds everything before
 * it. Another process may do the reading; all it needs is the position.
 *
 * <pre>
 * examples/run consistency.ReadYourWrites
 * </pre>
 */
public final class ReadYourWrites {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private ReadYourWrites() {}

  public static void main(String[] arguments) throws SQLException, InterruptedException {
    try (TestDatabase database = TestPostgres.shared().createDatabase()) {
      database.execute("create table users (id int primary key, name text)");
      database.execute("create publication pub for table users");
      PipelineConfig config =
          PipelineConfig.builder("read_your_writes", "pub", database.connectionConfig()).build();
      Names names = new Names();
      try (Pipeline pipeline = Pipeline.create(config, new MemoryStore(), names);
          Connection connection = database.connect()) {
        pipeline.start();
        pipeline.awaitReady(Duration.ofMinutes(1)); // while a table is copied, no wait succeeds
        for (String name : List.of("Ada", "Bob", "Cy")) {
          Lsn written = write(connection, 1, name);
          if (!pipeline.awaitApplied(written, LIMIT)) {
            throw new IllegalStateException("not there after " + LIMIT + ": read from the source");
          }
          System.out.println("wrote " + name + " before " + written + ", read " + names.of(1));
        }
      }
    }
  }

  /** {@return a position behind the commit} It has to be asked for after the commit. */
  private static Lsn write(Connection connection, int id, String name) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into users values (?, ?) on conflict (id) do update set name = excluded.name")) {
      insert.setInt(1, id);
      insert.setString(2, name);
      insert.executeUpdate();
    }
    connection.commit();
    connection.setAutoCommit(true);
    try (PreparedStatement position = connection.prepareStatement("select pg_current_wal_lsn()");
        ResultSet row = position.executeQuery()) {
      row.next();
      return Lsn.parse(row.getString(1));
    }
  }

  /** Names by id, in memory. Thread-safe. */
  private static final class Names implements Destination {
    private final Map<Integer, String> names = new ConcurrentHashMap<>();

    String of(int id) {
      return names.getOrDefault(id, "nobody");
    }

    @Override
    public void truncateTable(TableSchema table) {
      names.clear();
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      rows.forEach(this::put);
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      events.forEach(this::apply);
      return WriteResult.DURABLE;
    }

    private void apply(Event event) {
      if (event instanceof Event.Insert insert) {
        put(insert.row());
      } else if (event instanceof Event.Update update) {
        put(update.row()); // here ids never change, and names are too short to be absent
      } else if (event instanceof Event.Delete delete) {
        names.remove(delete.oldRow().row().getInt(0));
      } else if (event instanceof Event.Truncate) {
        names.clear();
      }
    }

    private void put(TableRow row) {
      names.put(row.getInt(0), String.valueOf(row.text(1)));
    }
  }
}
