package dev.pgetl.it.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Five million rows, and five hundred tables, through a heap of 64 MiB. {@code -Dlimits.rows=N} and
 * {@code -Dlimits.tables=N} make it smaller or larger.
 */
class SmallHeapRuns {
  private static final int ROWS = Integer.getInteger("limits.rows", 5_000_000);
  private static final int TABLES = Integer.getInteger("limits.tables", 500);
  private static final Duration LIMIT = Duration.ofMinutes(20);

  @TempDir private Path directory;

  @Test
  void copiesALargeTable() throws IOException, InterruptedException {
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute(narrowTable("t"));
      source.execute(insert("t", ROWS));
      source.execute("create publication pub for table t");
      run("copy of " + ROWS + " rows", source, "", "rows=" + ROWS + " inserts=0");
    }
  }

  @Test
  void streamsALargeTransaction() throws IOException, InterruptedException {
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute(narrowTable("t"));
      source.execute("create publication pub for table t");
      run("transaction of " + ROWS + " rows", source, insert("t", ROWS), "rows=0 inserts=" + ROWS);
    }
  }

  @Test
  void copiesAndStreamsManyTables() throws IOException, InterruptedException {
    int each = 1000;
    StringBuilder tables = new StringBuilder();
    StringBuilder copied = new StringBuilder();
    StringBuilder streamed = new StringBuilder();
    for (int i = 0; i < TABLES; i++) {
      tables.append(narrowTable("t" + i)).append(";\n");
      copied.append(insert("t" + i, each)).append(";\n");
      streamed.append(insert("t" + i, each)).append(";\n");
    }
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute(tables + "" + copied + "create publication pub for tables in schema public");
      run(
          "copy and stream of " + TABLES + " tables",
          source,
          streamed.toString(),
          "rows=" + TABLES * each + " inserts=" + TABLES * each);
    }
  }

  private static String narrowTable(String name) {
    return "create table %s (id bigint, a int, b double precision, c timestamptz, d text, e boolean, f uuid)"
        .formatted(name);
  }

  private static String insert(String table, int rows) {
    return "insert into %s select g, g, g * 1.5, now(), 'text of row ' || g, g %% 2 = 0, gen_random_uuid() from generate_series(1, %d) g"
        .formatted(table, rows);
  }

  /** Starts the process, waits for the copy, changes the source, and waits for its end. */
  private void run(String what, TestDatabase source, String changes, String expected)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Path output = directory.resolve("output");
    Process child = start(source, output);
    await()
        .atMost(LIMIT)
        .until(() -> Files.readString(output).contains("ready") || !child.isAlive());
    double ready = secondsSince(begin);
    source.execute(changes);
    begin = System.nanoTime();
    try (Writer input = new OutputStreamWriter(child.getOutputStream(), StandardCharsets.UTF_8)) {
      input.write(source.currentLsn() + "\n");
    }
    assertThat(child.waitFor(LIMIT.toMinutes(), TimeUnit.MINUTES)).isTrue();
    String printed = Files.readString(output);
    String figures =
        printed.lines().filter(line -> line.startsWith("rows=")).findFirst().orElse("");
    System.out.printf(
        "%s: ready after %.1f s, applied %.1f s after the last change; %s%n",
        what, ready, secondsSince(begin), figures);
    assertThat(figures).as("%s", printed).startsWith(expected);
  }

  private static Process start(TestDatabase source, Path output) throws IOException {
    TestPostgres server = source.server();
    String url =
        "%s?user=%s&password=%s"
            .formatted(source.jdbcUrl(), server.username(), server.password().reveal());
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            CountingPipeline.class.getName(),
            url)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  private static double secondsSince(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
