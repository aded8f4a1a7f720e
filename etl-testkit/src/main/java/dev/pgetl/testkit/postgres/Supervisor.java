package dev.pgetl.testkit.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A shell between this JVM and a server process. It reads commands from its standard input; when
 * that ends, because the JVM closed it or died in whatever way, it stops the server and removes its
 * folder. So nothing is left behind, even by {@code kill -9}.
 *
 * <p>Thread-safe.
 */
final class Supervisor implements AutoCloseable {

  /**
   * Reads one command a line: {@code start}, or the name of a signal. Answers {@code started PID}
   * and {@code ended STATUS}. A Ctrl-C in the terminal reaches the whole process group; the shell
   * ignores it to be there for the removal.
   */
  private static final String SCRIPT =
      """
      folder=$1
      shift
      trap '' INT TERM HUP
      run() {
        "$@" </dev/null >>"$folder/server.log" 2>&1 &
        echo $! >"$folder/server.pid"
        echo "started $!"
        wait $!
        echo "ended $?"
      }
      signal() {
        kill -"$1" "$(cat "$folder/server.pid")"
      }
      while read -r command; do
        case $command in
          start) run "$@" & ;;
          *) signal "$command" ;;
        esac
      done
      signal QUIT
      wait
      rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
      """;

  private static final Duration END_LIMIT = Duration.ofSeconds(20);
  private static final Set<Supervisor> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(Supervisor::closeAll, "pgetl-testkit-shutdown"));
  }

  private final Object lock = new Object();
  private final Process shell;
  private CompletableFuture<Long> started = new CompletableFuture<>();
  private CompletableFuture<Integer> ended = CompletableFuture.completedFuture(0);

  /**
   * Starts the shell, not yet the server.
   *
   * @param folder holds everything of the server; removed at the end
   * @param command starts the server in the foreground
   */
  Supervisor(Path folder, List<String> command) throws IOException {
    List<String> words =
        new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "pgetl-testkit", folder.toString()));
    words.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
    PostgresBinaries.cleanEnvironment(builder);
    shell = builder.start();
    Thread reader = new Thread(this::readAnswers, "pgetl-testkit-supervisor");
    reader.setDaemon(true);
    reader.start();
    OPEN.add(this);
  }

  private static void closeAll() {
    OPEN.forEach(Supervisor::endInput);
    OPEN.forEach(Supervisor::close);
  }

  private void readAnswers() {
    try (BufferedReader answers = shell.inputReader(StandardCharsets.UTF_8)) {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        answer(line);
      }
    } catch (IOException ignored) {
      // The shell is gone, as at the end of the stream.
    }
    answer("ended -1");
  }

  private void answer(String line) {
    String[] words = line.split(" ");
    synchronized (lock) {
      if (words[0].equals("started")) {
        started.complete(Long.parseLong(words[1]));
      } else {
        ended.complete(Integer.parseInt(words[1]));
      }
    }
  }

  /** {@return the id of the server process, started now and perhaps not yet ready} */
  long start() {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    synchronized (lock) {
      if (!ended.isDone()) {
        throw new IllegalStateException("the server runs already");
      }
      started = answer;
      ended = new CompletableFuture<>();
    }
    send("start");
    return await(answer, "start the server process", END_LIMIT);
  }

  /** Whether the server process runs. */
  boolean isRunning() {
    synchronized (lock) {
      return !ended.isDone();
    }
  }

  /** Sends a signal to the server's main process. */
  void signal(String name) {
    send(name);
  }

  /** Kills the server with all its children, as a power failure would. */
  void kill() {
    CompletableFuture<Long> pid;
    synchronized (lock) {
      pid = started;
    }
    ProcessHandle.of(await(pid, "learn the server's process", END_LIMIT))
        .ifPresent(
            server -> {
              List<ProcessHandle> children = server.descendants().toList();
              server.destroyForcibly();
              children.forEach(ProcessHandle::destroyForcibly);
              awaitEnd(END_LIMIT);
            });
  }

  /** Waits for the end of the server process. */
  void awaitEnd(Duration limit) {
    CompletableFuture<Integer> end;
    synchronized (lock) {
      end = ended;
    }
    await(end, "stop the server", limit);
  }

  private void send(String command) {
    try {
      OutputStream commands = shell.getOutputStream();
      commands.write((command + "\n").getBytes(StandardCharsets.US_ASCII));
      commands.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("send to the server's supervisor: " + command, e);
    }
  }

  private static <T> T await(CompletableFuture<T> answer, String what, Duration limit) {
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(what + " failed within " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: " + what, e);
    }
  }

  /** Stops the server at once and removes its folder. */
  @Override
  public void close() {
    endInput();
    try {
      if (!shell.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        shell.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    OPEN.remove(this);
  }

  private void endInput() {
    try {
      shell.getOutputStream().close();
    } catch (IOException ignored) {
      // The shell is gone already.
    }
  }
}
