package dev.pgetl.it.kills;

import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A {@link KilledPipeline}, seen from outside. Owned by the test's thread. */
final class KilledProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private final Process process;
  private final Path output;

  private KilledProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts one.
   *
   * @param settings of {@link KilledPipeline}, without their prefix
   */
  static KilledProcess start(
      Path directory, int number, TestDatabase source, Map<String, String> settings) {
    Path output = directory.resolve("output-" + number);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.add("-Dkilled.directory=" + directory);
    command.add("-Dkilled.process=" + number);
    settings.forEach((name, value) -> command.add("-Dkilled." + name + "=" + value));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), KilledPipeline.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .put(
            KilledPipeline.SOURCE,
            "%s?user=%s&password=%s"
                .formatted(
                    source.jdbcUrl(),
                    source.server().username(),
                    source.server().password().reveal()));
    try {
      return new KilledProcess(
          builder.redirectErrorStream(true).redirectOutput(output.toFile()).start(), output);
    } catch (IOException e) {
      throw new UncheckedIOException("start the process that is killed", e);
    }
  }

  /** Waits for something that the process brings about. */
  void awaitThat(String what, BooleanSupplier condition) {
    await(what)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !process.isAlive() || condition.getAsBoolean());
    requireAlive();
  }

  void awaitPrinted(String line) {
    awaitThat(line, () -> output().lines().anyMatch(line::equals));
  }

  /** Lets it run on for a while. */
  void letRun(long millis) throws InterruptedException {
    boolean unused = process.waitFor(millis, TimeUnit.MILLISECONDS);
    requireAlive();
  }

  private void requireAlive() {
    if (!process.isAlive()) {
      throw new AssertionError("the process ended by itself:\n" + output());
    }
  }

  /** Kills it, with {@code SIGKILL}. */
  void kill() throws InterruptedException {
    requireAlive();
    int unused = process.destroyForcibly().waitFor();
  }

  /** Lets it apply everything up to a position and end. */
  void finish(Lsn position) throws InterruptedException {
    try (Writer input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8)) {
      input.write(position + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (!ended || output().lines().noneMatch(KilledPipeline.APPLIED::equals)) {
      throw new AssertionError("the last process did not end in order:\n" + output());
    }
  }

  String output() {
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
