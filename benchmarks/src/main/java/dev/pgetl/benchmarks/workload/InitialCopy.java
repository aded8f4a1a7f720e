package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.PgetlClient;
import dev.pgetl.benchmarks.client.Setting;
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
  private static final String RUN_SLOT = "bench_run";

  @Override
  public List<String> variantNames() {
    return variants.stream().map(variant -> name + variant.suffix()).toList();
  }

  @Override
  public Task.Mode mode() {
    return Task.Mode.COPY;
  }

  @Override
  public List<Series> measure(Lab lab) {
    try (TestDatabase database = lab.createDatabase()) {
      dataset.create(database);
      dataset.write(database);
      database.execute("vacuum (analyze)");
      database.execute("create publication " + Lab.PUBLICATION + " for all tables");
      Task task =
          lab.task(mode(), database)
              .with(Setting.ROWS, rows(database))
              .with(Setting.TABLES, String.join(",", dataset.tables()));
      return rounds(lab, database, task).run(lab.runs());
    }
  }

  private long rows(TestDatabase database) {
    return dataset.tables().stream()
        .mapToLong(table -> Long.parseLong(database.value("select count(*) from " + table)))
        .sum();
  }

  private double megabytes(TestDatabase database) {
    return dataset.tables().stream()
            .mapToLong(
                table -> Long.parseLong(database.value("select pg_table_size('" + table + "')")))
            .sum()
        / 1e6;
  }

  private Rounds rounds(Lab lab, TestDatabase database, Task task) {
    Slots slots = new Slots(database);
    double megabytes = megabytes(database);
    Rounds rounds = new Rounds();
    for (Variant variant : variants) {
      for (Subject subject : lab.subjects(mode(), name, variant)) {
        Trial trial =
            new Trial(
                name + variant.suffix(),
                subject,
                variant.applyTo(
                    task.with(Setting.SLOT, subject.isPgetl() ? PgetlClient.SLOT : RUN_SLOT), lab),
                variant.heap(),
                Service.COPY,
                megabytes);
        rounds.add(
            trial.workload() + " " + subject,
            () -> {
              Result result = trial.run(lab);
              slots.dropAll();
              return result;
            });
      }
    }
    return rounds;
  }
}
