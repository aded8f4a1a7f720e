package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;

/** Subjects that follow, in turn, the table to which rows come at a steady pace. */
final class Followers {
  static final Dataset TABLE = Datasets.narrow(0, 1);

  private Followers() {}

  /** What one of them does. The table is empty, and the slot of its task exists. */
  interface Turn {
    Result run(TestDatabase database, Subject subject, Task task);
  }

  /** {@return what each reached} */
  static List<Series> measure(Lab lab, Workload workload, Turn turn) {
    try (TestDatabase database = lab.createDatabase()) {
      TABLE.create(database);
      database.execute("create publication " + Lab.PUBLICATION + " for all tables");
      Task task = lab.task(workload.mode(), database);
      Rounds rounds = new Rounds();
      for (Subject subject : lab.subjects(workload.mode(), workload.name(), Variant.PLAIN)) {
        rounds.add(subject.title(), () -> run(database, subject, task, turn));
      }
      return rounds.run(lab.runs());
    }
  }

  private static Result run(TestDatabase database, Subject subject, Task task, Turn turn) {
    Slots slots = new Slots(database);
    database.execute("truncate narrow");
    String slot = Trials.slot(subject);
    if (!subject.isPgetl()) {
      slots.create(slot);
    }
    try {
      return turn.run(database, subject, task.with(Setting.SLOT, slot));
    } finally {
      slots.dropAll();
    }
  }
}
