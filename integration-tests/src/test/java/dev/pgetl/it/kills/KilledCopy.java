package dev.pgetl.it.kills;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The copy of one large table, with a process that is killed so many times: at random points of the
 * copy, at random moments after its start, while the table catches up, and once the apply worker
 * has it. A writer never pauses. Used once, by the test's thread.
 */
final class KilledCopy {
  /**
   * What is done.
   *
   * @param rows of the table
   * @param kills how often the process is killed, at least three times
   * @param writesPerSecond rows that are written meanwhile
   * @param seed of all that is left to chance
   * @param store {@code file} or {@code postgres}
   * @param connections that read the table
   * @param readBy a {@link dev.pgetl.config.ReadBy}
   * @param slowly whether rows are read slowly and in small batches, so that a small table takes
   *     long
   */
  record Plan(
      long rows,
      int kills,
      int writesPerSecond,
      long seed,
      String store,
      int connections,
      String readBy,
      boolean slowly) {}

  /** A moment at which the process is killed. */
  @FunctionalInterface
  private interface Moment {
    void await(KilledProcess process) throws InterruptedException;
  }

  private static final List<String> PHASES =
      List.of("DataSync", "FinishedCopy", "SyncWait", "Catchup", "SyncDone", "Ready");

  private static final long BLOCKS_READ_BY_KEY = 16_384;
  private static final int SHORTLY = 300;
  private static final int LONGEST_START = 3_000;

  private final Plan plan;
  private final Path directory;
  private final TestDatabase source;
  private final Random random;
  private final long keys;
  private final Map<Integer, Long> again = new HashMap<>();

  KilledCopy(Plan plan, Path directory, TestDatabase source) {
    this.plan = plan;
    this.directory = directory;
    this.source = source;
    this.random = new Random(plan.seed());
    this.keys = 2 * plan.rows() + 2;
  }

  CopyFigures run() throws InterruptedException {
    create();
    long begin = System.nanoTime();
    RowFile rows = RowFile.open(TableFiles.rows(directory, "big"), keys);
    try (BusyWriter writer =
        new BusyWriter(
            source,
            plan.rows(),
            plan.writesPerSecond(),
            plan.seed(),
            () -> rows.counter(RowFile.Counter.LATEST))) {
      writer.start();
      int process = 0;
      for (Moment moment : moments(rows)) {
        killAt(moment, ++process, rows);
      }
      finish(++process, writer);
      double seconds = (System.nanoTime() - begin) / 1e9;
      return judge(rows, writer, seconds);
    }
  }

  private void create() {
    source.execute(
        """
        create table big(id bigint primary key, version bigint not null, note text not null);
        alter table big alter note set storage external;
        insert into big select 2 * g, 0, case when 2 * g %% %d = 0
          then repeat('large ', 500) || g else 'note of row ' || 2 * g || repeat('.', 30) end
          from generate_series(1, %d) g;
        create table pulse(id bigint primary key, version bigint not null, note text not null);
        insert into pulse select g, 0, 'note ' || g from generate_series(1, 100) g;
        create publication pub for table big, pulse;
        analyze big;
        """
            .formatted(BusyWriter.LARGE_EVERY, plan.rows()));
  }

  // ---- kills ----

  private List<Moment> moments(RowFile rows) {
    List<Moment> moments = new ArrayList<>();
    random
        .doubles(plan.kills() - 2L - atStart())
        .sorted()
        .forEach(fraction -> moments.add(process -> awaitCopied(process, rows, fraction)));
    for (int i = 0; i < atStart(); i++) {
      moments.add(
          random.nextInt(moments.size() + 1),
          process -> process.letRun(random.nextInt(LONGEST_START)));
    }
    int phase = PHASES.indexOf(random.nextBoolean() ? "FinishedCopy" : "SyncDone");
    moments.add(process -> awaitPhase(process, phase));
    moments.add(process -> awaitPhase(process, PHASES.indexOf("Ready")));
    return moments;
  }

  private int atStart() {
    return (plan.kills() - 2) / 4;
  }

  private void awaitCopied(KilledProcess process, RowFile rows, double fraction)
      throws InterruptedException {
    process.awaitThat(
        "a part of the rows is copied",
        () ->
            rows.counter(RowFile.Counter.DELIVERED) >= fraction * plan.rows()
                || isAtLeast(process, PHASES.indexOf("FinishedCopy")));
    process.letRun(random.nextInt(SHORTLY));
  }

  private void awaitPhase(KilledProcess process, int phase) throws InterruptedException {
    process.awaitThat("the table is " + PHASES.get(phase), () -> isAtLeast(process, phase));
    process.letRun(random.nextInt(SHORTLY));
  }

  private static boolean isAtLeast(KilledProcess process, int phase) {
    List<String> later = PHASES.subList(phase, PHASES.size());
    return process.output().lines().anyMatch(line -> later.contains(line.replace("big is ", "")));
  }

  private void killAt(Moment moment, int number, RowFile rows) throws InterruptedException {
    long before = rows.counter(RowFile.Counter.AGAIN);
    try (KilledProcess process = start(number)) {
      moment.await(process);
      process.kill();
    }
    again.put(number, rows.counter(RowFile.Counter.AGAIN) - before);
  }

  private KilledProcess start(int number) {
    return KilledProcess.start(
        directory,
        number,
        source,
        Map.of(
            "tables", table("big", keys) + "," + table("pulse", 1000),
            "seed", Long.toString(plan.seed()),
            "store", plan.store(),
            "connections", Integer.toString(plan.connections()),
            "readBy", plan.readBy(),
            "slowly", Boolean.toString(plan.slowly())));
  }

  private String table(String name, long most) {
    return name + ":" + source.value("select '" + name + "'::regclass::oid::text") + ":" + most;
  }

  private void finish(int number, BusyWriter writer) throws InterruptedException {
    try (KilledProcess last = start(number)) {
      last.awaitPrinted(KilledPipeline.STARTED);
      last.letRun(random.nextInt(SHORTLY));
      writer.stop();
      last.finish(source.currentLsn());
    }
  }

  // ---- judgement ----

  private CopyFigures judge(RowFile rows, BusyWriter writer, double seconds) {
    List<String> violations = new ArrayList<>(new Violations(directory).read());
    EventCheck events = EventCheck.of(TableFiles.events(directory, "big"));
    violations.addAll(events.violations());
    violations.addAll(EventCheck.of(TableFiles.events(directory, "pulse")).violations());
    violations.addAll(CopyJudge.differences(source, "big", rows));
    violations.addAll(
        CopyJudge.differences(
            source, "pulse", RowFile.open(TableFiles.rows(directory, "pulse"), 1000)));
    List<CopyJudge.Removed> removed = CopyJudge.removed(directory, "big");
    long largest =
        removed.stream()
            .mapToLong(range -> rows.delivered(range.from(), range.to()))
            .max()
            .orElse(0);
    if (isReadByKey()) {
      violations.addAll(contradictions(rows, removed, largest));
    }
    if (!violations.isEmpty()) {
      throw new AssertionError(plan + ":\n" + String.join("\n", violations));
    }
    return new CopyFigures(
        1,
        plan.kills(),
        plan.rows(),
        rows.counter(RowFile.Counter.AGAIN),
        again.values().stream().mapToLong(Long::longValue).max().orElse(0),
        removed.size(),
        removed.stream().mapToLong(CopyJudge.Removed::rows).sum(),
        largest,
        events.events(),
        events.repeated(),
        events.mostRepeated(),
        writer.written(),
        seconds);
  }

  private boolean isReadByKey() {
    return plan.readBy().equals("KEY")
        || Long.parseLong(source.value("select pg_relation_size('big') / 8192"))
            >= BLOCKS_READ_BY_KEY;
  }

  /** {@return what a copy does not do that continues} */
  private List<String> contradictions(RowFile rows, List<CopyJudge.Removed> removed, long largest) {
    List<String> found = new ArrayList<>();
    if (rows.counter(RowFile.Counter.EMPTIED) > 0) {
      found.add("the copy started over");
    }
    again.forEach(
        (process, count) -> {
          long ranges = removed.stream().filter(range -> range.process() == process).count();
          if (ranges > plan.connections()) {
            found.add("process %d removed %d ranges".formatted(process, ranges));
          }
          if (count > plan.connections() * largest) {
            found.add("process %d read %d rows again".formatted(process, count));
          }
        });
    return found;
  }
}
