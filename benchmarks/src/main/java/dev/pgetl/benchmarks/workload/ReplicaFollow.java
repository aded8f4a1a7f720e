package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Conversation;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Figure;
import dev.pgetl.benchmarks.measure.Latencies;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.measure.Usage;
import dev.pgetl.benchmarks.subject.ClientProcess;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Transactions of one row each come at a steady pace and are applied to another Postgres. Each is
 * timed from its commit until a reader there sees it.
 *
 * @param name its name
 * @param pace transactions per second
 * @param warmUpSeconds how long the pace is kept before anything is measured
 * @param seconds how long it is measured
 */
record ReplicaFollow(String name, int pace, int warmUpSeconds, int seconds) implements Workload {
  @Override
  public Task.Mode mode() {
    return Task.Mode.REPLICA_FOLLOW;
  }

  @Override
  public List<Series> measure(Lab lab) {
    return Followers.measure(
        lab, this, (database, subject, task) -> run(lab, database, subject, task));
  }

  private Result run(Lab lab, TestDatabase database, Subject subject, Task wanted) {
    try (ReplicaTarget target = new ReplicaTarget(lab, Followers.TABLE)) {
      Task task = target.in(wanted);
      try (ClientProcess client = lab.start(subject, task, "");
          Usage usage = lab.watch(subject, mode(), Service.STREAM, client)) {
        client.say(Conversation.GO);
        client.await(Conversation.RUNNING);
        Map<Figure, Double> figures = watch(database, target.database(), client, usage);
        lab.say(
            String.format(
                Locale.ROOT,
                "  %s %s: p50 %.2f ms, p99 %.2f ms",
                name,
                subject.title(),
                figures.get(Figure.P50_MS),
                figures.get(Figure.P99_MS)));
        return new Result(name, subject.title(), figures);
      }
    }
  }

  private Map<Figure, Double> watch(
      TestDatabase database, TestDatabase target, ClientProcess client, Usage usage) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    try (VisibleRows rows = VisibleRows.watch(target, PacedWriter.connections(pace));
        PacedWriter writer = PacedWriter.start(database, pace, rows::committed)) {
      writer.pause(warmUpSeconds);
      usage.restart();
      client.say(Conversation.MEASURE);
      rows.latencies().clear();
      writer.pause(seconds);
      client.say(Conversation.STOP);
      client.await(Conversation.DONE);
      usage.addTo(figures);
      Latencies latencies = rows.latencies();
      figures.put(Figure.ROWS_PER_S, (double) latencies.count() / seconds);
      figures.put(Figure.P50_MS, latencies.millis(0.5));
      figures.put(Figure.P99_MS, latencies.millis(0.99));
      figures.put(Figure.MAX_MS, latencies.millis(1));
      Trial.addCpuPerRow(figures, latencies.count());
    }
    return figures;
  }
}
