package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** A {@link ReplicaMain}, seen from the test: killed, paused, woken, stopped. */
final class ReplicaProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final Process process;
  private final Path output;

  private ReplicaProcess(String name, Process process, Path output) {
    this.name = name;
    this.process = process;
    this.output = output;
  }

  static ReplicaProcess start(
      Path directory, String name, List<String> arguments, String... options) {
    Path output = directory.resolve(name + ".output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx96m"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ReplicaMain.class.getName());
    command.addAll(arguments);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      return new ReplicaProcess(name, process, output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String name() {
    return name;
  }

  /** Waits until it has printed a line that begins so. */
  void awaitLine(String begin) {
    await(name + " prints " + begin)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> printed(begin) > 0 || !process.isAlive());
    assertThat(printed(begin)).as("%s of %s", begin, output()).isPositive();
  }

  /** Waits until it has logged a text. */
  void awaitLogged(String text) {
    await(name + " logs " + text)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> printedAt("log", text).isPresent() || !process.isAlive());
    assertThat(printedAt("log", text)).as("%s of %s", text, output()).isPresent();
  }

  /** {@return when it printed a line with this text for the last time, by the machine's clock} */
  OptionalLong printedAt(String begin, String text) {
    return output()
        .lines()
        .filter(line -> line.startsWith(begin + " ") && line.contains(text))
        .mapToLong(line -> Long.parseLong(line.split(" ", 3)[1]))
        .max();
  }

  long printed(String begin) {
    return output().lines().filter(line -> line.startsWith(begin)).count();
  }

  String output() {
    try {
      return Files.readString(output, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Has it stop itself at its failpoint. */
  void arm() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
  }

  void pause() {
    signal("-STOP");
  }

  void wake() {
    signal("-CONT");
  }

  private void signal(String signal) {
    try {
      Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
      assertThat(kill.waitFor()).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Asks it to end. */
  void shutdown() throws IOException {
    process.getOutputStream().close();
  }

  /** Ends it cleanly. */
  void stop() throws IOException, InterruptedException {
    shutdown();
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
    assertThat(process.exitValue()).as(output()).isZero();
    assertThat(printed("ended")).isPositive();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
