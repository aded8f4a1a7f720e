package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Conversation;
import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Figure;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.measure.Usage;
import dev.pgetl.benchmarks.subject.ClientProcess;
import dev.pgetl.benchmarks.subject.Subject;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One subject doing one task once. The time runs from when the server begins to serve the client
 * until the client says that it has everything. One that continues after the last row of a copy is
 * also timed until the stream has every table; the other figures are those up to the last row.
 *
 * @param workload the name under which it counts
 * @param subject who
 * @param task what
 * @param heap the heap's limit; empty for the default
 * @param service what the server does for the client
 * @param megabytes how much there is to read
 */
record Trial(
    String workload, Subject subject, Task task, String heap, Service service, double megabytes) {
  private static final List<Figure> FROM_CLIENT = List.of(Figure.ALLOC_MB, Figure.ROWS_AGAIN);

  /** {@return the same with another task} */
  Trial with(Task other) {
    return new Trial(workload, subject, other, heap, service, megabytes);
  }

  Result run(Lab lab) {
    try (ClientProcess client = lab.start(subject, task, heap);
        Usage usage = lab.watch(subject, task.mode(), service, client)) {
      usage.restart();
      client.say(Conversation.GO);
      Map<String, String> last = client.await(goesOn() ? Conversation.COPIED : Conversation.DONE);
      long end = System.nanoTime();
      Map<Figure, Double> figures = new EnumMap<>(Figure.class);
      usage.addTo(figures);
      addRates(figures, last, usage.seconds(end));
      addCpuPerRow(figures, task.number(Setting.ROWS));
      Map<String, String> done = last;
      if (goesOn()) {
        done = client.await(Conversation.DONE);
        figures.put(Figure.READY_S, usage.seconds(System.nanoTime()));
      }
      if (done.containsKey(Conversation.ROWS)) {
        requireAll(Long.parseLong(done.get(Conversation.ROWS)));
      }
      lab.say(shown(figures));
      return new Result(workload, subject.title(), figures);
    }
  }

  private boolean goesOn() {
    return isCopy() && subject.streamsAfterCopy();
  }

  private boolean isCopy() {
    return service != Service.STREAM;
  }

  private void addRates(Map<Figure, Double> figures, Map<String, String> last, double seconds) {
    long rows = task.number(Setting.ROWS);
    double taken = Double.parseDouble(last.getOrDefault(Conversation.TAKEN, Long.toString(rows)));
    figures.put(Figure.ROWS_PER_S, taken / seconds);
    figures.put(Figure.MB_PER_S, megabytes * taken / rows / seconds);
    if (isCopy()) {
      figures.put(Figure.LAST_ROW_S, seconds);
    }
    for (Figure figure : FROM_CLIENT) {
      if (last.containsKey(figure.name())) {
        figures.put(figure, Double.valueOf(last.get(figure.name())));
      }
    }
  }

  /** Where another server writes the rows: how expensive a row is on the whole. */
  static void addCpuPerRow(Map<Figure, Double> figures, long rows) {
    if (figures.containsKey(Figure.TARGET_CPU_S)) {
      double seconds =
          Stream.of(Figure.CLIENT_CPU_S, Figure.SERVER_CPU_S, Figure.TARGET_CPU_S)
              .mapToDouble(figure -> figures.getOrDefault(figure, 0.0))
              .sum();
      figures.put(Figure.CPU_US_PER_ROW, 1e6 * seconds / rows);
    }
  }

  /**
   * Checks that no row is missing or too much.
   *
   * @param came how many rows there are
   */
  void requireAll(long came) {
    long rows = task.number(Setting.ROWS);
    if (came != rows) {
      throw new IllegalStateException(
          "%s: %s got %s rows of %d".formatted(workload, subject.title(), came, rows));
    }
  }

  private String shown(Map<Figure, Double> figures) {
    StringBuilder shown = new StringBuilder("  " + workload + " " + subject.title() + ":");
    append(shown, " %,.0f rows/s", figures.get(Figure.ROWS_PER_S));
    append(shown, ", last row after %.2f s", figures.get(Figure.LAST_ROW_S));
    append(shown, ", ready after %.2f s", figures.get(Figure.READY_S));
    append(shown, ", %.2f us of CPU per row", figures.get(Figure.CPU_US_PER_ROW));
    return shown.toString();
  }

  private static void append(StringBuilder shown, String format, @Nullable Double value) {
    if (value != null) {
      shown.append(String.format(Locale.ROOT, format, value));
    }
  }
}
