package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Starts one {@link ReplicaProcess} after the other, over one store. */
final class Processes implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestDatabase source;
  private final TestDatabase target;
  private final long maxTransactionBytes;
  private final Path folder;
  private final List<Process> started = new ArrayList<>();

  Processes(TestDatabase source, TestDatabase target, long maxTransactionBytes) {
    this.source = source;
    this.target = target;
    this.maxTransactionBytes = maxTransactionBytes;
    try {
      this.folder = Files.createTempDirectory("pgetl-processes");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a process that halts at one of the passes of a failpoint. */
  Process start(String failpoint, int passes) throws IOException {
    Path output = Files.createTempFile(folder, "process", ".output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ReplicaProcess.class.getName());
    command.addAll(List.of(url(source), url(target), folder.resolve("store").toString()));
    command.addAll(List.of(failpoint, Integer.toString(passes)));
    command.add(Long.toString(maxTransactionBytes));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    started.add(process);
    await("the process starts")
        .atMost(PATIENCE)
        .until(() -> Files.readString(output).contains("started") || !process.isAlive());
    assertThat(Files.readString(output)).contains("started");
    return process;
  }

  /** Lets a process end once all tables are ready and everything has arrived. */
  void finish(Process process) throws IOException, InterruptedException {
    try (Writer input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8)) {
      input.write(source.currentLsn() + "\n");
    }
    assertThat(process.waitFor(150, TimeUnit.SECONDS)).as("the process ends").isTrue();
    assertThat(process.exitValue()).isZero();
  }

  /** Breaks all connections to the destination. */
  void killSessions() {
    List<?> killed =
        target.query(
            "select pg_terminate_backend(pid) from pg_stat_activity"
                + " where application_name = 'pgetl/kills/destination'");
    assertThat(killed).isNotNull();
  }

  private static String url(TestDatabase database) {
    TestPostgres server = database.server();
    return database.jdbcUrl()
        + "?user="
        + server.username()
        + "&password="
        + server.password().reveal();
  }

  @Override
  public void close() {
    started.forEach(Process::destroyForcibly);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
