package dev.pgetl.benchmarks.subject;

import dev.pgetl.benchmarks.client.Conversation;
import dev.pgetl.benchmarks.client.Task;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The process of a subject, seen from the harness. Owned by the thread that measures. */
public final class ClientProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(40);
  private static final int SHOWN_LINES = 30;

  private final Subject subject;
  private final Process process;
  private final BufferedReader answers;
  private final Path errors;

  private ClientProcess(Subject subject, Process process, Path errors) {
    this.subject = subject;
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.errors = errors;
    CompletableFuture.delayedExecutor(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .execute(process::destroyForcibly);
  }

  /**
   * {@return the process, which waits for its beginning}
   *
   * @param subject who
   * @param task what it has to do
   * @param jvm how to start Java, for subjects on a JVM
   * @param password the role's password
   */
  public static ClientProcess start(Subject subject, Task task, Jvm jvm, String password) {
    List<String> command = subject.command(task, jvm);
    try {
      File errors = File.createTempFile("pgetl-benchmark-", ".log");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors);
      builder.environment().put("PGPASSWORD", password);
      ClientProcess client = new ClientProcess(subject, builder.start(), errors.toPath());
      client.await(Conversation.READY);
      return client;
    } catch (IOException e) {
      throw new UncheckedIOException("start " + command.get(0), e);
    }
  }

  /** {@return its id} */
  public long pid() {
    return process.pid();
  }

  /** {@return whether it is there only to start the program that is measured} */
  public boolean isWrapper() {
    return subject.isWrapped();
  }

  /** Tells the client something. */
  public void say(String word) {
    try {
      OutputStream out = process.getOutputStream();
      out.write((word + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw failed("does not listen", e);
    }
  }

  /**
   * {@return what the client says with a word}
   *
   * @param word the word to wait for
   */
  public Map<String, String> await(String word) {
    try {
      String line = answers.readLine();
      while (line != null && !line.startsWith(Conversation.MARK + word)) {
        line = answers.readLine();
      }
      if (line == null) {
        throw failed("ended before it said " + word, null);
      }
      return figures(line);
    } catch (IOException e) {
      throw failed("cannot be heard", e);
    }
  }

  private static Map<String, String> figures(String line) {
    Map<String, String> figures = new HashMap<>();
    for (String word : line.split(" ")) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        figures.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    return figures;
  }

  private IllegalStateException failed(String what, @Nullable Exception e) {
    return new IllegalStateException(subject.title() + " " + what + ":\n" + lastErrors(), e);
  }

  private String lastErrors() {
    try {
      List<String> lines = Files.readAllLines(errors);
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
    } catch (IOException e) {
      return "its output cannot be read";
    }
  }

  /** Kills the client, which gets no chance to do anything more, and waits for its end. */
  public void kill() {
    // On Linux and macOS this is SIGKILL.
    process.destroyForcibly().onExit().join();
  }

  /** Lets the client end; after a while it is ended. */
  @Override
  public void close() {
    try (answers) {
      if (process.isAlive()) {
        say(Conversation.EXIT);
      }
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(errors);
    } catch (IOException | IllegalStateException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
