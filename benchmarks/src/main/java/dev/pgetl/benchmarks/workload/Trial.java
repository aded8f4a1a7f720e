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
import java.util.Locale;
import java.util.Map;

/**
 * One subject doing one task once. The time runs from when the server begins to serve the client
 * until the client says that it has everything.
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

  Result run(Lab lab) {
    try (ClientProcess client = lab.start(subject, task, heap);
        Usage usage = new Usage(lab.postmaster(), service, client.pid(), client.isWrapper())) {
      usage.restart();
      client.say(Conversation.GO);
      Map<String, String> done = client.await(Conversation.DONE);
      long end = System.nanoTime();
      Map<Figure, Double> figures = new EnumMap<>(Figure.class);
      usage.addTo(figures);
      double seconds = usage.seconds(end);
      long rows = task.number(Setting.ROWS);
      requireAll(done, rows);
      figures.put(Figure.ROWS_PER_S, rows / seconds);
      figures.put(Figure.MB_PER_S, megabytes / seconds);
      if (done.containsKey(Figure.ALLOC_MB.name())) {
        figures.put(Figure.ALLOC_MB, Double.valueOf(done.get(Figure.ALLOC_MB.name())));
      }
      lab.say(
          String.format(
              Locale.ROOT, "  %s %s: %,.0f rows/s", workload, subject.title(), rows / seconds));
      return new Result(workload, subject.title(), figures);
    }
  }

  private void requireAll(Map<String, String> done, long rows) {
    String came = done.getOrDefault(Conversation.ROWS, Long.toString(rows));
    if (Long.parseLong(came) != rows) {
      throw new IllegalStateException(
          "%s: %s got %s rows of %d".formatted(workload, subject.title(), came, rows));
    }
  }
}
