package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.SubscriptionClient;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.benchmarks.subject.Subject;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;

/**
 * Rows that are there already.
 *
 * @param name its name
 * @param dataset what is there
 * @param variants how it is read
 */
record InitialCopy(String name, Dataset dataset, List<Variant> variants) implements Workload {

  @Override
  public List<String> variantNames() {
    return Trials.names(name, variants);
  }

  @Override
  public Task.Mode mode() {
    return Task.Mode.COPY;
  }

  @Override
  public List<Series> measure(Lab lab) {
    try (TestDatabase database = lab.createDatabase()) {
      dataset.load(database);
      Task task =
          lab.task(mode(), database)
              .with(Setting.ROWS, dataset.rows(database))
              .with(Setting.TABLES, String.join(",", dataset.tables()));
      Slots slots = new Slots(database);
      return new Trials(name, variants, task, Service.COPY, dataset.megabytes(database))
          .run(lab, trial -> run(lab, slots, trial));
    }
  }

  private Result run(Lab lab, Slots slots, Trial trial) {
    Result result =
        trial.subject() == Subject.SUBSCRIPTION ? subscribe(lab, trial) : trial.run(lab);
    slots.dropAll();
    return result;
  }

  /** Into a database of its own each time, so that the tables are empty. */
  private Result subscribe(Lab lab, Trial trial) {
    try (TestDatabase target = lab.createSubscriberDatabase()) {
      dataset.create(target);
      try {
        Task task =
            trial
                .task()
                .with(Setting.SUBSCRIBER_PORT, target.server().port())
                .with(Setting.SUBSCRIBER_DATABASE, target.name());
        Result result = trial.with(task).run(lab);
        trial.requireAll(dataset.rows(target));
        return result;
      } finally {
        target.execute("drop subscription if exists " + SubscriptionClient.SUBSCRIPTION);
      }
    }
  }
}
