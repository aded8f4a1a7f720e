package dev.pgetl.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An example in a process of its own, as {@code examples/run} starts it. */
public final class ExampleProcess implements AutoCloseable {
  /** What it finds in {@code PGPASSWORD}. */
  public static final String PASSWORD = "from the environment";

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Process process;
  private final Path output;

  private ExampleProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts it; it uses the shared server of this test run. */
  public static ExampleProcess start(Path folder, Class<?> example, String... arguments)
      throws IOException {
    TestPostgres server = TestPostgres.shared();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path")));
    command.add(example.getName());
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(output.toFile());
    String url = "jdbc:postgresql://%s:%d/postgres".formatted(server.host(), server.port());
    builder.environment().put(TestPostgres.ADDRESS_VARIABLE, url + login(server));
    builder.environment().put("PGPASSWORD", PASSWORD);
    return new ExampleProcess(builder.start(), output);
  }

  /** The JDBC URL of a database with the superuser's login in it. */
  public static String url(TestDatabase database) {
    return database.jdbcUrl() + login(database.server());
  }

  private static String login(TestPostgres server) {
    return "?user=" + server.username() + "&password=" + server.password().reveal();
  }

  /** What it has printed to standard output. */
  public String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first match in what it prints, once it is there. */
  public String awaitOutput(Pattern pattern) {
    await(pattern.pattern())
        .atMost(LIMIT)
        .until(() -> pattern.matcher(output()).find() || !process.isAlive());
    Matcher match = pattern.matcher(output());
    assertThat(match.find()).as(output()).isTrue();
    return match.group();
  }

  /** Sends SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** Its exit code, when it has ended. */
  public int exitCode() throws InterruptedException {
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
