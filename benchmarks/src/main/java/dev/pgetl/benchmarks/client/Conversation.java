package dev.pgetl.benchmarks.client;

import dev.pgetl.benchmarks.measure.Latencies;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a client and the harness say to each other, a line at a time. The client: {@value #READY},
 * {@value #RUNNING} (if it follows), {@value #COPIED} (if it continues after its last row), {@value
 * #HALTED} (if it is to be killed), {@value #DONE} with figures, each behind a {@value #MARK}. The
 * harness: {@value #GO}, {@value #MEASURE} and {@value #STOP} (if it follows), {@value #EXIT}.
 * Between done and exit the client stays as it is, so that it can be looked at. Owned by the
 * client's main thread.
 */
public final class Conversation {
  /** Before what a client says, to tell it from what else is printed. */
  public static final String MARK = "@";

  /** The client waits to begin. */
  public static final String READY = "ready";

  /** The client follows the stream. */
  public static final String RUNNING = "running";

  /** The client has the last row; it is done when the stream has every table. */
  public static final String COPIED = "copied";

  /** The client takes no more rows and waits to be killed. */
  public static final String HALTED = "halted";

  /** The client has done its task. */
  public static final String DONE = "done";

  /** Begin. */
  public static final String GO = "go";

  /** Forget what was measured so far. */
  public static final String MEASURE = "measure";

  /** Measure no more. */
  public static final String STOP = "stop";

  /** End. */
  public static final String EXIT = "exit";

  /** The name of a figure behind {@link #DONE}: rows read. */
  public static final String ROWS = "rows";

  /** The name of a figure behind {@link #COPIED}: rows this process has read, if not all. */
  public static final String TAKEN = "taken";

  private final BufferedReader in;
  private final PrintStream out;
  private final Allocation allocation;

  Conversation(InputStream in, PrintStream out, Allocation allocation) {
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    this.out = out;
    this.allocation = allocation;
  }

  /**
   * Says that everything is prepared and waits for the beginning.
   *
   * @throws IOException if the harness is gone
   */
  public void awaitBegin() throws IOException {
    say(READY);
    expect(GO);
  }

  /**
   * Says that the task is done, and waits until the process may end.
   *
   * @param rows how many rows there were
   * @throws IOException if the harness is gone
   */
  public void done(long rows) throws IOException {
    say(DONE + " " + ROWS + "=" + rows + " ALLOC_MB=" + allocation.megabytes());
    expect(EXIT);
  }

  /**
   * Says that the task is done by another process, whose rows the harness counts, and waits until
   * the process may end.
   *
   * @throws IOException if the harness is gone
   */
  public void done() throws IOException {
    say(DONE);
    expect(EXIT);
  }

  /**
   * Says that the last row has come; {@link #done} follows.
   *
   * @param figures what to say besides
   */
  public void copied(Map<String, Long> figures) {
    StringBuilder words = new StringBuilder(COPIED);
    figures.forEach((name, value) -> words.append(' ').append(name).append('=').append(value));
    say(words + " ALLOC_MB=" + allocation.megabytes());
  }

  /** Says that the last row has come to another process; {@link #done()} follows. */
  public void copiedElsewhere() {
    say(COPIED);
  }

  /**
   * Says that no more rows are taken, and waits for the kill.
   *
   * @param rows how many there were
   * @throws IOException if the harness wants something else
   */
  public void halted(long rows) throws IOException {
    say(HALTED + " " + ROWS + "=" + rows);
    expect(EXIT);
  }

  /**
   * Follows a stream as long as the harness wants.
   *
   * @param latencies where others note the age of transactions
   * @throws IOException if the harness is gone
   */
  public void follow(Latencies latencies) throws IOException {
    // Nobody asks for it, and idleness is to be measured.
    allocation.close();
    say(RUNNING);
    expect(MEASURE);
    latencies.clear();
    expect(STOP);
    String ages =
        latencies.count() == 0
            ? ""
            : " P50_MS=%s P99_MS=%s MAX_MS=%s"
                .formatted(latencies.millis(0.5), latencies.millis(0.99), latencies.millis(1));
    say(DONE + " " + ROWS + "=" + latencies.count() + ages);
    expect(EXIT);
  }

  private void say(String words) {
    out.println(MARK + words);
    out.flush();
  }

  private void expect(String word) throws IOException {
    String line = in.readLine();
    if (!word.equals(line)) {
      throw new EOFException("expected " + word + " from the harness, got " + line);
    }
  }
}
