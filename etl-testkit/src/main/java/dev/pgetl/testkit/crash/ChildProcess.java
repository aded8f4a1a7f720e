package dev.pgetl.testkit.crash;

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
import org.awaitility.Awaitility;

/** A process with a pipeline in it, seen from outside. Owned by the test's thread. */
final class ChildProcess {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration END_LIMIT = Duration.ofMinutes(5);

  private final Process process;
  private final Path output;

  private ChildProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  static ChildProcess start(
      Class<? extends CrashSubject> subject,
      Map<String, String> properties,
      Path directory,
      String sourceUrl,
      Fault fault) {
    Path output = directory.resolve("output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
    properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            CrashChild.class.getName(),
            subject.getName(),
            directory.toString(),
            fault.failpoint() == null ? "-" : fault.failpoint().name(),
            Integer.toString(fault.pass()),
            fault.errand().name()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put(CrashChild.SOURCE, sourceUrl);
    try {
      return new ChildProcess(
          builder.redirectErrorStream(true).redirectOutput(output.toFile()).start(), output);
    } catch (IOException e) {
      throw new UncheckedIOException("start the process that is killed", e);
    }
  }

  /** Waits until the pipeline runs or the process has ended. */
  void awaitStart() {
    Awaitility.await("the pipeline starts")
        .atMost(START_LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !process.isAlive() || output().contains(CrashChild.STARTED));
  }

  /** {@return whether it ended in time} */
  boolean awaitEnd(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Kills it, if it has not halted yet.
   *
   * @return whether it had
   * @throws AssertionError if it had ended in any other way
   */
  boolean kill() throws InterruptedException {
    boolean alive = process.isAlive();
    int exitCode = process.destroyForcibly().waitFor();
    if (!alive && exitCode != CrashChild.HALTED) {
      throw new AssertionError(
          "the process ended by itself with exit code " + exitCode + ":\n" + output());
    }
    return !alive;
  }

  /** Lets it apply everything up to a position and end cleanly. */
  void finish(Lsn position) throws InterruptedException {
    try (Writer input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8)) {
      input.write(position + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boolean ended = awaitEnd(END_LIMIT);
    if (!ended || process.exitValue() != 0 || !output().contains(CrashChild.APPLIED)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("the last process did not end cleanly:\n" + output());
    }
  }

  String output() {
    try {
      return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
