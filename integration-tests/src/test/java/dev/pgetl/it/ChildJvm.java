package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A {@link ChildPipeline} in a process with a heap of its own, seen from the test. */
final class ChildJvm implements AutoCloseable {
  private static final int LIMIT_SECONDS = 90;

  private final Process process;
  private final Path output;
  private final Path journal;

  private ChildJvm(Process process, Path output, Path journal) {
    this.process = process;
    this.output = output;
    this.journal = journal;
  }

  /**
   * Starts a child. All children of a directory share the store in it; each has its own journal.
   *
   * @param options of the JVM, for example {@code -Xmx64m}, and settings of {@link ChildPipeline}
   */
  static ChildJvm start(Path directory, String name, TestDatabase source, String... options)
      throws IOException {
    Path output = directory.resolve(name + ".output");
    Path journal = directory.resolve(name + ".journal");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ChildPipeline.class.getName());
    command.addAll(List.of(url(source), store(directory).toString(), journal.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new ChildJvm(process, output, journal);
  }

  /** Where the children of a directory keep their state. */
  static Path store(Path directory) {
    return directory.resolve("store");
  }

  private static String url(TestDatabase source) {
    TestPostgres server = source.server();
    return source.jdbcUrl()
        + "?user="
        + server.username()
        + "&password="
        + server.password().reveal();
  }

  ChildJvm awaitReady() {
    awaitPrinted("ready");
    return this;
  }

  void awaitPrinted(String line) {
    await("the child prints " + line)
        .atMost(LIMIT_SECONDS, TimeUnit.SECONDS)
        .until(() -> output().lines().anyMatch(line::equals) || !process.isAlive());
    assertThat(output().lines()).as("lines of the child").contains(line);
  }

  /** {@return the first line it prints that contains a text} */
  String awaitLineWith(String text) {
    await("the child prints " + text)
        .atMost(LIMIT_SECONDS, TimeUnit.SECONDS)
        .until(() -> lineWith(text).isPresent() || !process.isAlive());
    return lineWith(text).orElseThrow(() -> new AssertionError(output()));
  }

  private Optional<String> lineWith(String text) {
    return output().lines().filter(line -> line.contains(text)).findFirst();
  }

  /** Waits until it has halted itself. */
  void awaitHalted() throws InterruptedException {
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("the child ends").isTrue();
    assertThat(process.exitValue()).as("%s", output()).isEqualTo(ChildPipeline.HALTED);
  }

  /** Waits until it has delivered everything up to a position and has ended in good order. */
  void finish(Lsn position) throws IOException, InterruptedException {
    try (Writer input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8)) {
      input.write(position + "\n");
    }
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("the child ends").isTrue();
    assertThat(process.exitValue()).as("%s", output()).isZero();
    assertThat(output().lines()).contains("applied");
    assertThat(output()).doesNotContain("OutOfMemoryError");
  }

  List<CallJournal.Write> writes() {
    return CallJournal.writes(journal);
  }

  /** How many inserts it has delivered so far. */
  long inserts() {
    return writes().stream()
        .flatMap(write -> write.runs().stream())
        .mapToLong(CallJournal.Run::count)
        .sum();
  }

  private String output() {
    try {
      return Files.readString(output, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
