package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.PgetlClient;
import dev.pgetl.benchmarks.client.PipelineState;
import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.nio.file.Path;
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
  private static final String RUN_SLOT = "bench_run";

  @Override
  public List<String> variantNames() {
    return variants.stream().map(variant -> name + variant.suffix()).toList();
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
      prepare(state.path(), database);
      slots.copy(PgetlClient.SLOT, BASE);
      slots.drop(PgetlClient.SLOT);
      long changes = dataset.write(database);
      Lsn target = database.currentLsn();
      Task task =
          lab.task(mode(), database)
              .with(Setting.ROWS, changes)
              .with(Setting.TARGET, target)
              .with(Setting.STATE, state.path());
      Source source =
          new Source(slots, task, slots.megabytesBehind(BASE, target), dataset.digest(database));
      return rounds(lab, source).run(lab.runs());
    }
  }

  /** What every run reads, and what it leads to. */
  private record Source(Slots slots, Task task, double megabytes, String digest) {}

  private Rounds rounds(Lab lab, Source source) {
    Rounds rounds = new Rounds();
    for (Variant variant : variants) {
      for (Subject subject : lab.subjects(mode(), name, variant)) {
        String slot = subject.isPgetl() ? PgetlClient.SLOT : RUN_SLOT;
        Trial trial =
            new Trial(
                name + variant.suffix(),
                subject,
                variant.applyTo(source.task().with(Setting.SLOT, slot), lab),
                variant.heap(),
                Service.STREAM,
                source.megabytes());
        rounds.add(trial.workload() + " " + subject, () -> run(lab, source, trial));
      }
    }
    return rounds;
  }

  private Result run(Lab lab, Source source, Trial trial) {
    String slot = trial.task().text(Setting.SLOT);
    Result result;
    try (ReplicaTarget target = new ReplicaTarget(lab, dataset)) {
      writeBefore(target.database());
      source.slots().copy(BASE, slot);
      result = trial.with(target.in(trial.task())).run(lab);
      target.requireEqual(trial.workload() + " " + trial.subject(), dataset, source.digest());
    }
    source.slots().drop(slot);
    return result;
  }

  private void writeBefore(TestDatabase database) {
    if (!before.isEmpty()) {
      database.query(before);
      database.execute("vacuum (analyze)");
    }
  }

  private static void prepare(Path state, TestDatabase database) {
    try {
      PipelineState.prepare(state, 0, Lab.PUBLICATION, database.connectionConfig());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
