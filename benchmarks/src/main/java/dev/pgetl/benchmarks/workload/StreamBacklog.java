package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.PgetlClient;
import dev.pgetl.benchmarks.client.PipelineState;
import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.measure.Result;
import dev.pgetl.benchmarks.measure.Series;
import dev.pgetl.benchmarks.measure.Service;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Changes that wait behind a slot. One slot is made before they are written; each run gets a copy
 * of it, so all read the same WAL from the same position, up to the same position. Where several
 * pipelines share the tables there is a slot for each; whoever else takes part reads all tables
 * from one.
 *
 * @param name its name
 * @param dataset what is written
 * @param streams how many pipelines share the tables
 * @param variants how it is read
 */
record StreamBacklog(String name, Dataset dataset, int streams, List<Variant> variants)
    implements Workload {

  @Override
  public List<String> variantNames() {
    return Trials.names(name, variants);
  }

  @Override
  public Task.Mode mode() {
    return Task.Mode.STREAM;
  }

  @Override
  public List<Series> measure(Lab lab) {
    try (TemporaryFolder state = new TemporaryFolder();
        TestDatabase database = lab.createDatabase()) {
      dataset.create(database);
      database.execute("create publication " + Lab.PUBLICATION + " for all tables");
      Slots slots = new Slots(database);
      for (int i = 0; i < streams; i++) {
        prepare(state.path(), i, publish(database, i), database);
        slots.copy(PgetlClient.slot(i), base(i));
        slots.drop(PgetlClient.slot(i));
      }
      long changes = dataset.write(database);
      Lsn target = database.currentLsn();
      Task task =
          lab.task(mode(), database)
              .with(Setting.ROWS, changes)
              .with(Setting.TARGET, target)
              .with(Setting.STREAMS, streams)
              .with(Setting.STATE, state.path());
      double megabytes = slots.megabytesBehind(base(0), target);
      return new Trials(name, variants, task, Service.STREAM, megabytes)
          .run(lab, trial -> run(lab, slots, trial));
    }
  }

  private Result run(Lab lab, Slots slots, Trial trial) {
    List<String> used = new ArrayList<>();
    int count = trial.subject().isPgetl() ? streams : 1;
    for (int i = 0; i < count; i++) {
      used.add(count == 1 ? trial.task().text(Setting.SLOT) : PgetlClient.slot(i));
      slots.copy(base(i), used.get(i));
    }
    Result result = trial.run(lab);
    for (String slot : used) {
      slots.awaitFree(slot);
      if (!slots.confirmed(slot, trial.task().target())) {
        lab.say("  note: " + trial.subject().title() + " has not acknowledged everything");
      }
      slots.drop(slot);
    }
    return result;
  }

  private static String base(int stream) {
    return "bench_base_" + stream;
  }

  /** Tables go to the streams in turn. */
  private String publish(TestDatabase database, int stream) {
    String publication = PgetlClient.publication(Lab.PUBLICATION, stream, streams);
    if (streams > 1) {
      String share =
          IntStream.range(0, dataset.tables().size())
              .filter(i -> i % streams == stream)
              .mapToObj(dataset.tables()::get)
              .collect(Collectors.joining(", "));
      database.execute("create publication " + publication + " for table " + share);
    }
    return publication;
  }

  /** Stores the state of a pipeline that waits at its slot. */
  static void prepare(Path state, int stream, String publication, TestDatabase database) {
    try {
      PipelineState.prepare(state, stream, publication, database.connectionConfig());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
