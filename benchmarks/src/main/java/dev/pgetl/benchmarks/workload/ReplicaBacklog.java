package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.PgetlClient;
import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.util.List;

/**
 * Changes that wait behind a slot and are applied to another Postgres. Each run gets a copy of the
 * slot and a database with the rows from before the changes. It ends when all is flushed there, and
 * then both sides are compared.
 *
 * @param name its name
 * @param dataset what is written
 * @param before a call that writes the rows from before; empty for none
 * @param variants how it is read
 */
record ReplicaBacklog(String name, Dataset dataset, String before, List<Variant> variants)
    implements Workload {
  private static final String BASE = "bench_base";

  @Override
  public List<String> variantNames() {
    return Trials.names(name, variants);
  }

  @Override
  public Task.Mode mode() {
    return Task.Mode.REPLICA_STREAM;
  }

  @Override
  public List<Series> measure(Lab lab) {
    try (TemporaryFolder state = new TemporaryFolder();
        TestDatabase database = lab.createDatabase()) {
      dataset.create(database);
      database.execute("create publication " + Lab.PUBLICATION + " for all tables");
      Slots slots = new Slots(database);
      writeBefore(database);
      StreamBacklog.prepare(state.path(), 0, Lab.PUBLICATION, database);
      slots.copy(PgetlClient.SLOT, BASE);
      slots.drop(PgetlClient.SLOT);
      long changes = dataset.write(database);
      Lsn target = database.currentLsn();
      Task task =
          lab.task(mode(), database)
              .with(Setting.ROWS, changes)
              .with(Setting.TARGET, target)
              .with(Setting.STATE, state.path());
      String digest = dataset.digest(database);
      double megabytes = slots.megabytesBehind(BASE, target);
      return new Trials(name, variants, task, Service.STREAM, megabytes)
          .run(lab, trial -> run(lab, slots, trial, digest));
    }
  }

  private Result run(Lab lab, Slots slots, Trial trial, String digest) {
    String slot = trial.task().text(Setting.SLOT);
    Result result;
    try (ReplicaTarget target = new ReplicaTarget(lab, dataset)) {
      writeBefore(target.database());
      slots.copy(BASE, slot);
      result = trial.with(target.in(trial.task())).run(lab);
      target.requireEqual(trial.workload() + " " + trial.subject(), dataset, digest);
    }
    slots.drop(slot);
    return result;
  }

  private void writeBefore(TestDatabase database) {
    if (!before.isEmpty()) {
      database.query(before);
      database.execute("vacuum (analyze)");
    }
  }
}
