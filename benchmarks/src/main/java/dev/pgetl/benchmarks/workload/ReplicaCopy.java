package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;

/**
 * Rows that exist already and are copied to tables in another Postgres, which have their primary
 * keys from the beginning. Both sides are compared after each run.
 *
 * @param name its name
 * @param dataset the rows
 * @param variants how they are read
 */
record ReplicaCopy(String name, Dataset dataset, List<Variant> variants) implements Workload {

  @Override
  public List<String> variantNames() {
    return Trials.names(name, variants);
  }

  @Override
  public Task.Mode mode() {
    return Task.Mode.REPLICA_COPY;
  }

  @Override
  public List<Series> measure(Lab lab) {
    try (TestDatabase database = lab.createDatabase()) {
      dataset.load(database);
      Task task = lab.task(mode(), database).with(Setting.ROWS, dataset.rows(database));
      String digest = dataset.digest(database);
      double megabytes = dataset.megabytes(database);
      Slots slots = new Slots(database);
      return new Trials(name, variants, task, Service.COPY, megabytes)
          .run(lab, trial -> run(lab, slots, trial, digest));
    }
  }

  private Result run(Lab lab, Slots slots, Trial trial, String digest) {
    Result result;
    try (ReplicaTarget target = new ReplicaTarget(lab, dataset)) {
      result = trial.with(target.in(trial.task())).run(lab);
      target.requireEqual(trial.workload() + " " + trial.subject(), dataset, digest);
    }
    slots.dropAll();
    return result;
  }
}
