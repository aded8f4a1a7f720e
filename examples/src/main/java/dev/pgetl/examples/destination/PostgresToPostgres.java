package dev.pgetl.examples.destination;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.postgres.PostgresDestination;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Keeps another Postgres equal: two servers on this machine, and between them a pipeline in a
 * process that is killed in the middle of the work. At the end both sides are compared; the exit
 * code is 1 if they differ.
 *
 * <pre>
 * examples/run destination.PostgresToPostgres
 * examples/run destination.PostgresToPostgres 'jdbc:postgresql://source/…' 'jdbc:postgresql://target/…' folder
 * </pre>
 *
 * <p>With arguments it runs between your databases until it is stopped, and needs a publication
 * {@code shop}. The folder keeps the state.
 */
public final class PostgresToPostgres {
  private static final List<String> TABLES = List.of("customer", "purchase");
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final String SHOP =
      """
      create table customer (id int primary key, name text not null, credit numeric(12,2) not null);
      create table purchase (id bigint primary key, customer_id int not null, details jsonb);
      insert into customer select g, 'Customer ' || g, 0 from generate_series(1, 1000) g;
      insert into purchase select g, g % 1000 + 1, jsonb_build_object('n', g) from generate_series(1, 20000) g;
      create publication shop for table customer, purchase;
      """;

  /** Each transaction of a purchase raises the credit of its customer. */
  private static final String BUSINESS =
      """
      do $$ begin
        for i in %1$d .. %1$d + 999 loop
          insert into purchase values (i, i %% 1000 + 1, jsonb_build_object('n', i));
          update customer set credit = credit + 1.5 where id = i %% 1000 + 1;
          delete from purchase where id = i - 20000;
          commit;
        end loop;
      end $$
      """;

  private PostgresToPostgres() {}

  /** Without arguments it starts the servers, and itself again as the pipeline's process. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 3) {
      replicate(arguments[0], arguments[1], Path.of(arguments[2]));
    } else {
      System.exit(demonstrate() ? 0 : 1);
    }
  }

  private static void replicate(String sourceUrl, String targetUrl, Path state)
      throws InterruptedException {
    // tag::replica[]
    PgConnectionConfig source = PgConnectionConfig.jdbcUrl(sourceUrl).build();
    PgConnectionConfig target = PgConnectionConfig.jdbcUrl(targetUrl).build();
    PipelineConfig config = PipelineConfig.builder("shop_replica", "shop", source).build();

    try (MemoryStore store = new MemoryStore(FileLayer.open(state));
        Destination replica = PostgresDestination.builder(target, "shop_replica").build();
        Pipeline pipeline = Pipeline.create(config, store, replica)) {
      pipeline.start();
      pipeline.awaitTermination();
    }
    // end::replica[]
  }

  // ---- the demonstration ----

  private static boolean demonstrate() throws IOException, InterruptedException {
    try (PostgresCluster sourceServer = PostgresCluster.builder().start();
        PostgresCluster targetServer = PostgresCluster.builder().start();
        TestDatabase source = sourceServer.createDatabase();
        TestDatabase target = targetServer.createDatabase()) {
      Path state = Files.createTempDirectory("postgres-to-postgres");
      source.execute(SHOP);
      try (Replication first = new Replication(source, target, state)) {
        System.out.println(first.awaitEqual() ? "copied up to " + latest(target) : "not copied");
        source.execute(BUSINESS.formatted(20_001));
      }
      System.out.println("killed at " + latest(target) + ", the source is at " + latest(source));
      source.execute(BUSINESS.formatted(21_001));
      source.execute("alter table purchase add column note text default 'none'");
      source.execute("update purchase set note = 'gift ' || id where id % 10 = 0");
      try (Replication second = new Replication(source, target, state)) {
        source.execute(BUSINESS.formatted(22_001));
        boolean equal = second.awaitEqual();
        TABLES.forEach(table -> System.out.println(compared(table, source, target)));
        System.out.println(equal ? "EQUAL" : "DIFFERENT");
        return equal;
      }
    }
  }

  private static String latest(TestDatabase database) {
    return database.value("select 'purchase ' || max(id) from purchase");
  }

  private static String compared(String table, TestDatabase source, TestDatabase target) {
    String found = digest(table, target);
    String expected = digest(table, source);
    return table
        + (found.equals(expected) ? ": equal, " + found : ": " + found + " instead of " + expected);
  }

  /** The same for the same rows; of a table that is not there, that. */
  private static String digest(String table, TestDatabase database) {
    boolean there =
        database.value("select to_regclass('%s') is not null".formatted(table)).equals("t");
    return there
        ? database.value(
            "select count(*) || ' rows, md5 ' || coalesce(md5(string_agg(t::text, '' order by id)), '-') from %s t"
                .formatted(table))
        : "no such table";
  }

  /** The process of the pipeline; it gets no chance to end its work. */
  private static final class Replication implements AutoCloseable {
    private final TestDatabase source;
    private final TestDatabase target;
    private final Process process;

    Replication(TestDatabase source, TestDatabase target, Path state) throws IOException {
      this.source = source;
      this.target = target;
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Dexamples.log=" + System.getProperty("examples.log", "examples.log"),
                  "-cp",
                  System.getProperty("java.class.path"),
                  PostgresToPostgres.class.getName(),
                  url(source),
                  url(target),
                  state.toString())
              .inheritIO()
              .start();
    }

    private static String url(TestDatabase database) {
      TestPostgres server = database.server();
      return "%s?user=%s&password=%s"
          .formatted(database.jdbcUrl(), server.username(), server.password().reveal());
    }

    /** {@return whether both sides become equal in time; nothing is written meanwhile} */
    boolean awaitEqual() throws InterruptedException {
      long deadline = System.nanoTime() + LIMIT.toNanos();
      boolean equal = areEqual();
      while (!equal && System.nanoTime() < deadline) {
        if (process.waitFor(250, TimeUnit.MILLISECONDS)) {
          throw new IllegalStateException("the pipeline ended: " + process.exitValue());
        }
        equal = areEqual();
      }
      return equal;
    }

    private boolean areEqual() {
      return TABLES.stream().allMatch(table -> digest(table, target).equals(digest(table, source)));
    }

    /** Kills it. */
    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }
}
