package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Conversation;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Figure;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.measure.Usage;
import dev.pgetl.benchmarks.subject.ClientProcess;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Transactions of one row each come at a steady pace; each is timed from its commit to the
 * destination. Without any, what is measured is what it costs to wait.
 *
 * @param name its name
 * @param pace transactions per second
 * @param warmUpSeconds how long the pace is kept before anything is measured
 * @param seconds how long it is measured
 */
record Follow(String name, int pace, int warmUpSeconds, int seconds) implements Workload {
  @Override
  public Task.Mode mode() {
    return Task.Mode.FOLLOW;
  }

  @Override
  public List<Series> measure(Lab lab) {
    return Followers.measure(
        lab, this, (database, subject, task) -> run(lab, database, subject, task));
  }

  private Result run(Lab lab, TestDatabase database, Subject subject, Task task) {
    try (ClientProcess client = lab.start(subject, task, "");
        Usage usage = lab.watch(subject, mode(), Service.STREAM, client)) {
      client.say(Conversation.GO);
      client.await(Conversation.RUNNING);
      return watch(lab, database, client, usage, subject);
    }
  }

  private Result watch(
      Lab lab, TestDatabase database, ClientProcess client, Usage usage, Subject subject) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    try (PacedWriter writer = PacedWriter.start(database, pace, key -> {})) {
      writer.pause(warmUpSeconds);
      usage.restart();
      client.say(Conversation.MEASURE);
      writer.pause(seconds);
      client.say(Conversation.STOP);
      Map<String, String> done = client.await(Conversation.DONE);
      usage.addTo(figures);
      if (pace > 0) {
        figures.put(Figure.ROWS_PER_S, Double.parseDouble(done.get(Conversation.ROWS)) / seconds);
      }
      for (Figure figure : List.of(Figure.P50_MS, Figure.P99_MS, Figure.MAX_MS)) {
        if (done.containsKey(figure.name())) {
          figures.put(figure, Double.valueOf(done.get(figure.name())));
        }
      }
    }
    lab.say("  %s %s: %s".formatted(name, subject.title(), shown(figures)));
    return new Result(name, subject.title(), figures);
  }

  private static String shown(Map<Figure, Double> figures) {
    List<String> shown = new ArrayList<>();
    figures.forEach(
        (figure, value) -> shown.add(String.format(Locale.ROOT, "%s %.2f", figure, value)));
    return String.join(", ", shown);
  }
}
