package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Conversation;
import dev.pgetl.benchmarks.client.PgetlClient;
import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Figure;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.subject.ClientProcess;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A copy whose process is killed at nine tenths of the rows and started again, beside one that
 * nothing disturbs. What counts is the second process, from its first connection on. The
 * destination accepts a number of rows per second, so that the time shows what is copied again.
 *
 * @param name its name
 * @param dataset one table, whose first column is a number and the key
 * @param rowsPerSecond how many rows the destination accepts
 */
record ResumedCopy(String name, Dataset dataset, int rowsPerSecond) implements Workload {
  private static final Variant KILLED = Variant.PLAIN;
  private static final Variant UNDISTURBED = Variant.PLAIN.named("-undisturbed");

  @Override
  public List<String> variantNames() {
    return List.of(name + KILLED.suffix(), name + UNDISTURBED.suffix());
  }

  @Override
  public Task.Mode mode() {
    return Task.Mode.RESUME;
  }

  @Override
  public List<Series> measure(Lab lab) {
    try (TestDatabase database = lab.createDatabase()) {
      dataset.load(database);
      Task task =
          lab.task(mode(), database)
              .with(Setting.ROWS, dataset.rows(database))
              .with(Setting.SLOT, PgetlClient.SLOT)
              .with(Setting.CONNECTIONS, 1)
              .with(Setting.ROWS_PER_SECOND, rowsPerSecond);
      double megabytes = dataset.megabytes(database);
      Slots slots = new Slots(database);
      Rounds rounds = new Rounds();
      for (Subject subject : subjects(lab)) {
        Trial trial = new Trial(name, subject, task, "", Service.SESSION, megabytes);
        Trial undisturbed =
            new Trial(name + UNDISTURBED.suffix(), subject, task, "", Service.SESSION, megabytes);
        rounds.add(undisturbed.workload() + subject, () -> run(lab, slots, undisturbed, false));
        rounds.add(trial.workload() + subject, () -> run(lab, slots, trial, true));
      }
      return withRatios(rounds.run(lab.runs()));
    }
  }

  /** One means nothing without the other, so both run if one of them is wanted. */
  private Set<Subject> subjects(Lab lab) {
    Set<Subject> subjects = new LinkedHashSet<>(lab.subjects(mode(), name, UNDISTURBED));
    subjects.addAll(lab.subjects(mode(), name, KILLED));
    return subjects;
  }

  private static Result run(Lab lab, Slots slots, Trial trial, boolean interrupted) {
    try (TemporaryFolder folder = new TemporaryFolder()) {
      Trial kept = trial.with(trial.task().with(Setting.KEPT, folder.path()));
      if (interrupted) {
        killOnTheWay(lab, kept);
      }
      Result result = kept.run(lab);
      slots.dropAll();
      return result;
    }
  }

  private static void killOnTheWay(Lab lab, Trial trial) {
    long haltAt = trial.task().number(Setting.ROWS) * 9 / 10;
    Task halting = trial.task().with(Setting.HALT_AT, haltAt);
    try (ClientProcess client = lab.start(trial.subject(), halting, trial.heap())) {
      client.say(Conversation.GO);
      String rows = client.await(Conversation.HALTED).get(Conversation.ROWS);
      client.kill();
      if (!Long.toString(haltAt).equals(rows)) {
        throw new IllegalStateException("killed with %s rows, not %d".formatted(rows, haltAt));
      }
    }
  }

  /** {@return the series, those of interrupted copies with the ratio to the other in each round} */
  static List<Series> withRatios(List<Series> series) {
    List<Series> more = new ArrayList<>();
    for (Series one : series) {
      more.add(
          series.stream()
              .filter(other -> other.subject().equals(one.subject()))
              .filter(other -> other.workload().equals(one.workload() + UNDISTURBED.suffix()))
              .findFirst()
              .map(other -> withRatio(one, other))
              .orElse(one));
    }
    return more;
  }

  private static Series withRatio(Series interrupted, Series undisturbed) {
    List<Result> runs = new ArrayList<>();
    for (int i = 0; i < interrupted.runs().size(); i++) {
      Result run = interrupted.runs().get(i);
      double rest = run.figure(Figure.LAST_ROW_S).orElseThrow();
      double whole = undisturbed.runs().get(i).figure(Figure.LAST_ROW_S).orElseThrow();
      runs.add(run.with(Figure.REST_RATIO, rest / whole));
    }
    return new Series(runs);
  }
}
