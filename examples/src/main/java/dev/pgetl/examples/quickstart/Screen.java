package dev.pgetl.examples.quickstart;

import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Shows a pipeline's status on one screen, or line by line where the output is no terminal. */
final class Screen {
  static final Duration INTERVAL = Duration.ofMillis(500);
  private static final int QUIET_EVERY = 4;

  private final PrintStream out;
  private final boolean terminal = Boolean.getBoolean("quickstart.terminal");
  private int linesShown;
  private int calls;
  private long lastEvents;
  private long lastNanos = System.nanoTime();

  Screen(PrintStream out) {
    this.out = out;
  }

  void show(PipelineStatus status) {
    List<TableStatus> tables =
        status.tables().values().stream()
            .sorted(Comparator.comparing(table -> table.name().toString()))
            .toList();
    if (terminal) {
      showAll(status, tables);
    } else if (calls++ % QUIET_EVERY == 0) {
      showLine(status, tables);
    }
  }

  private void showAll(PipelineStatus status, List<TableStatus> tables) {
    if (linesShown > 0) {
      out.print("\u001b[" + linesShown + "A\u001b[J");
    }
    out.printf(
        Locale.ROOT, "%-24s %-14s %12s %12s%n", "table", "phase", "rows copied", "estimated");
    for (TableStatus table : tables) {
      out.printf(
          Locale.ROOT,
          "%-24s %-14s %,12d %,12d%n",
          table.name(),
          table.phase().name(),
          table.copiedRows(),
          Math.max(table.estimatedRows(), 0));
    }
    out.println(stream(status));
    linesShown = tables.size() + 2;
  }

  private void showLine(PipelineStatus status, List<TableStatus> tables) {
    StringBuilder line = new StringBuilder();
    for (TableStatus table : tables) {
      line.append(table.name().name()).append(' ').append(table.phase().name());
      line.append(' ').append(table.copiedRows()).append(" rows | ");
    }
    out.println(line + stream(status));
  }

  private String stream(PipelineStatus status) {
    long now = System.nanoTime();
    long events = status.stream().events();
    double rate = (events - lastEvents) * 1e9 / Math.max(1, now - lastNanos);
    lastEvents = events;
    lastNanos = now;
    return String.format(
        Locale.ROOT,
        "%s: %,d events, %,.0f events/s, lag %s bytes, last commit delivered after %d ms",
        status.state(),
        events,
        rate,
        lag(status.stream().lagBytes()),
        status.stream().delay().toMillis());
  }

  private static String lag(OptionalLong bytes) {
    return bytes.isPresent() ? String.format(Locale.ROOT, "%,d", bytes.getAsLong()) : "unknown";
  }
}
