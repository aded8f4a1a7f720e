package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.PgetlClient;
import dev.pgetl.benchmarks.client.PipelineState;
import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.nio.file.Path;
import java.util.List;

/**
 * Changes that wait behind a slot. One slot is made before they are written; each run gets a copy
 * of it, so all read the same WAL from the same position, up to the same position.
 *
 * @param name its name
 * @param dataset what is written
 * @param variants how it is read
 */
record StreamBacklog(String name, Dataset dataset, List<Variant> variants) implements Workload {
  private static final String BASE_SLOT = "bench_base";
  private static final String RUN_SLOT = "bench_run";

  @Override
  public List<String> variantNames() {
    return variants.stream().map(variant -> name + variant.suffix()).toList();
  }

  @Override
  public List<Result> measure(Lab lab) {
    try (TemporaryFolder state = new TemporaryFolder();
        TestDatabase database = lab.createDatabase()) {
      dataset.create(database);
      database.execute("create publication " + Lab.PUBLICATION + " for all tables");
      prepare(state.path(), database);
      Slots slots = new Slots(database);
      slots.copy(PgetlClient.SLOT, BASE_SLOT);
      slots.drop(PgetlClient.SLOT);
      long changes = dataset.write(database);
      Lsn target = database.currentLsn();
      Task task =
          lab.task(Task.Mode.STREAM, database)
              .with(Setting.ROWS, changes)
              .with(Setting.TARGET, target)
              .with(Setting.STATE, state.path());
      double megabytes = slots.megabytesBehind(BASE_SLOT, target);
      return rounds(lab, slots, task, megabytes).run(lab.runs());
    }
  }

  private Rounds rounds(Lab lab, Slots slots, Task task, double megabytes) {
    Rounds rounds = new Rounds();
    for (Variant variant : variants) {
      for (Subject subject : lab.subjects(Task.Mode.STREAM, variant)) {
        String slot = subject == Subject.PGETL ? PgetlClient.SLOT : RUN_SLOT;
        Trial trial =
            new Trial(
                name + variant.suffix(),
                subject,
                variant.applyTo(task.with(Setting.SLOT, slot)),
                variant.heap(),
                Service.STREAM,
                megabytes);
        rounds.add(trial.workload() + " " + subject, () -> run(lab, slots, trial));
      }
    }
    return rounds;
  }

  private static Result run(Lab lab, Slots slots, Trial trial) {
    String slot = trial.task().text(Setting.SLOT);
    slots.copy(BASE_SLOT, slot);
    Result result = trial.run(lab);
    slots.awaitFree(slot);
    if (!slots.confirmed(slot, trial.task().target())) {
      lab.say("  note: " + trial.subject().title() + " has not acknowledged everything");
    }
    slots.drop(slot);
    return result;
  }

  private static void prepare(Path state, TestDatabase database) {
    try {
      PipelineState.prepare(state, Lab.PUBLICATION, database.connectionConfig());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
