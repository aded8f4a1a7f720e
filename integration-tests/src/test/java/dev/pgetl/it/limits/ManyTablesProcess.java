package dev.pgetl.it.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A {@link ManyTablesPipeline} seen from the test. Owned by one thread. */
final class ManyTablesProcess implements AutoCloseable {
  /**
   * What refreshes have cost.
   *
   * @param count how many there were
   * @param clientNanos CPU time of the pipeline's thread that refreshes
   * @param serverNanos CPU time of the server process that it asks
   */
  record Refreshes(long count, long clientNanos, long serverNanos) {
    Refreshes since(Refreshes before) {
      return new Refreshes(
          count - before.count, clientNanos - before.clientNanos, serverNanos - before.serverNanos);
    }
  }

  /** How often a second Linux counts a process's time. */
  private static final long TICKS = 100;

  private final String id;
  private final TestDatabase source;
  private final Process process;
  private final BufferedReader output;
  private final Writer input;
  private final Set<String> skipped = new LinkedHashSet<>();

  private ManyTablesProcess(String id, TestDatabase source, Process process) {
    this.id = id;
    this.source = source;
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.input = process.outputWriter(StandardCharsets.UTF_8);
  }

  /**
   * Starts a pipeline.
   *
   * @param store the database or the directory where it keeps its state
   * @param before a checkout whose compiled classes it uses; empty for those of this build
   */
  static ManyTablesProcess start(
      String id, TestDatabase source, String store, String before, Duration refresh, Path log)
      throws IOException {
    Stream<String> older =
        before.isEmpty()
            ? Stream.of()
            : Stream.of("etl-core", "etl-store-memory", "etl-store-postgres")
                .map(module -> before + "/" + module + "/target/classes");
    String classPath =
        Stream.concat(older, Stream.of(System.getProperty("java.class.path")))
            .collect(Collectors.joining(System.getProperty("path.separator")));
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-cp",
            classPath,
            ManyTablesPipeline.class.getName(),
            id,
            url(source),
            store,
            refresh.toString());
    return new ManyTablesProcess(
        id, source, new ProcessBuilder(command).redirectError(log.toFile()).start());
  }

  static String url(TestDatabase database) {
    TestPostgres server = database.server();
    return "%s?user=%s&password=%s"
        .formatted(database.jdbcUrl(), server.username(), server.password().reveal());
  }

  /** {@return the rest of a line that begins so, which is read once} */
  String await(String beginning) throws IOException {
    Optional<String> before =
        skipped.stream().filter(line -> line.startsWith(beginning)).findFirst();
    before.ifPresent(skipped::remove);
    String line = before.isPresent() ? before.get() : output.readLine();
    while (line != null && !line.startsWith(beginning)) {
      skipped.add(line);
      line = output.readLine();
    }
    assertThat(line).as("pipeline %s prints %s: %s", id, beginning, skipped).isNotNull();
    return line.substring(beginning.length()).strip();
  }

  void send(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  Refreshes refreshes() throws IOException {
    send("cost");
    String[] counted = await("cost").split(" ");
    return new Refreshes(
        Long.parseLong(counted[0]), Long.parseLong(counted[1]), cpuNanos(controlProcess()));
  }

  private String controlProcess() {
    return source.value(
        "select pid from pg_stat_activity where application_name = 'pgetl/%s/control'"
            .formatted(id));
  }

  private static long cpuNanos(String pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", pid, "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * (1_000_000_000 / TICKS);
  }

  /** Lets the pipeline end by itself. */
  void end() throws IOException, InterruptedException {
    input.close();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("pipeline %s ends", id).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
