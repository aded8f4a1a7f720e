package dev.pgetl.examples.lifecycle;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Two processes that run one pipeline: one works, the other takes over when the first is killed, or
 * stops for longer than its lease lasts. All that a service has to do is to call {@code start()}:
 * the settings here only name the processes, and make the wait for a paused one short.
 *
 * <pre>
 * examples/run lifecycle.TwoReplicas
 * </pre>
 */
public final class TwoReplicas {
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private TwoReplicas() {}

  /** Without arguments it starts the database and the replicas; they have arguments. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 2) {
      runReplica(arguments[0], arguments[1]);
      return;
    }
    try (TestDatabase database = TestPostgres.shared().createDatabase()) {
      database.execute(
          "create table orders (id int primary key); create publication sales for table orders;");
      try (Replica first = new Replica("A", database)) {
        first.awaitLine("owns");
        try (Replica second = new Replica("B", database)) {
          second.awaitLine("waits");
          show(database, first, second);
        }
      }
    }
  }

  private static void show(TestDatabase database, Replica first, Replica second)
      throws IOException, InterruptedException {
    insert(database, 1, first);
    System.out.println("-- A is killed");
    first.signal("-KILL");
    second.awaitLine("owns");
    insert(database, 2, second);
    try (Replica third = new Replica("C", database)) {
      third.awaitLine("waits");
      System.out.println("-- B is paused");
      second.signal("-STOP");
      third.awaitLine("owns");
      insert(database, 3, third);
      System.out.println("-- B wakes up");
      second.signal("-CONT");
      second.awaitLine("waits");
      insert(database, 4, third);
    }
  }

  private static void insert(TestDatabase database, int id, Replica by)
      throws InterruptedException {
    database.execute("insert into orders values (" + id + ")");
    by.awaitLine("delivers order " + id);
  }

  // ---- in the process of a replica ----

  private static void runReplica(String name, String url) throws IOException {
    PgConnectionConfig source = PgConnectionConfig.jdbcUrl(url).build();
    PipelineConfig config =
        PipelineConfig.builder("sales", "sales", source)
            .standby(LeaseConfig.builder().owner(name).length(LEASE).build())
            .build();
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onOwner(long epoch) {
            System.out.println(name + " owns the pipeline, epoch " + epoch);
          }

          @Override
          public void onStandby(String owner) {
            System.out.println(name + " waits, the owner is " + owner);
          }
        };
    try (MemoryStore store = new MemoryStore(PostgresLayer.builder(source, "sales").build());
        Pipeline pipeline = Pipeline.create(config, store, new Printer(name), listener)) {
      pipeline.start();
      int end = System.in.read(); // a service would wait in awaitTermination()
      System.out.println(name + " ends (" + end + ")");
    }
  }

  /** Prints what arrives. */
  private record Printer(String replica) implements Destination {
    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      rows.forEach(this::print);
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      for (Event event : events) {
        if (event instanceof Event.Insert insert) {
          print(insert.row());
        }
      }
      return WriteResult.DURABLE;
    }

    private void print(TableRow row) {
      System.out.println(replica + " delivers order " + row.text(0));
    }
  }

  // ---- a replica, seen from outside ----

  private static final class Replica implements AutoCloseable {
    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    Replica(String name, TestDatabase database) throws IOException {
      TestPostgres server = database.server();
      String login = "?user=" + server.username() + "&password=" + server.password().reveal();
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Dexamples.log=" + System.getProperty("examples.log", "examples.log"),
                  "-cp",
                  System.getProperty("java.class.path"),
                  TwoReplicas.class.getName(),
                  name,
                  database.jdbcUrl() + login)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      Thread reader = new Thread(this::read, "output of " + name);
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try (BufferedReader output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        String line = output.readLine();
        while (line != null) {
          System.out.println(line);
          lines.add(line);
          line = output.readLine();
        }
      } catch (IOException e) {
        // The process has ended.
      }
    }

    /** Waits until it prints a line that contains a text. */
    void awaitLine(String text) throws InterruptedException {
      String line;
      do {
        line = lines.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (line == null) {
          throw new IllegalStateException("it did not print: " + text);
        }
      } while (!line.contains(text));
    }

    void signal(String signal) throws IOException, InterruptedException {
      String pid = Long.toString(process.pid());
      int unused = new ProcessBuilder("kill", signal, pid).inheritIO().start().waitFor();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
