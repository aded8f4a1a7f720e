package dev.pgetl.it.walk;

import static org.awaitility.Awaitility.await;

import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.wal.Lsn;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Compares both sides each time the pipeline claims that they are equal, judges what it reports,
 * and carries out the fix that it prints. Owned by the walk's thread.
 */
final class Judge {
  /** Two questions that follow each other may each be lost, and are given up after 75 s. */
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private static final int ROUNDS = 12;

  private final World world;
  private final Source source;
  private final Map<Long, Integer> copiesBefore = new HashMap<>();
  private final Set<Long> readyBefore = new HashSet<>();
  private final Map<String, Integer> reports;
  private boolean recreate;

  Judge(World world, Map<String, Integer> reports) {
    this.world = world;
    this.source = world.source();
    this.reports = reports;
  }

  /**
   * Waits until the pipeline is at rest, compares, and fixes what it reports until all is equal.
   */
  void settle() throws Exception {
    world.heal();
    for (int round = 0; round < ROUNDS; round++) {
      if (isEqualAfterFixes()) {
        checkCopies();
        world.expected().clear();
        return;
      }
    }
    throw new Failure(Failure.Kind.NO_REST, "not equal after " + ROUNDS + " fixes");
  }

  /** One round: whether everything is equal and nothing was left to fix. */
  private boolean isEqualAfterFixes() throws Exception {
    world.start(recreate);
    Instance instance = world.requireInstance();
    instance.awaitStarted();
    try {
      List<Source.Published> published = awaitRest(instance);
      throwIfFailed(instance);
      requireApplied(instance);
      recreate = false;
      compare(instance.status(), published);
      return !fixTables(instance, published);
    } catch (EtlException e) {
      fixPipeline(e);
      return false;
    }
  }

  /** Everything is applied, or what is not has failed and the rest is applied. */
  private void requireApplied(Instance instance) throws Exception {
    Lsn position = source.position();
    PipelineStatus before = instance.status();
    boolean applied = instance.pipeline().awaitApplied(position, PATIENCE);
    boolean ready = instance.pipeline().awaitReady(PATIENCE);
    PipelineStatus status = instance.status();
    requireHonest(before, applied, ready, status);
    if (applied) {
      return;
    }
    Set<TableId> others = new HashSet<>(status.tables().keySet());
    boolean someFailed =
        status.failedTables().stream().filter(t -> others.remove(t.id())).count() > 0;
    if (!someFailed || !instance.pipeline().awaitApplied(position, PATIENCE, others)) {
      throw new Failure(Failure.Kind.NO_REST, "not applied: " + status);
    }
  }

  /** Both answers are for all tables, and agree with what the status says before and after. */
  private static void requireHonest(
      PipelineStatus before, boolean applied, boolean ready, PipelineStatus after) {
    Set<TableId> failed = new HashSet<>();
    before.failedTables().forEach(table -> failed.add(table.id()));
    failed.retainAll(after.failedTables().stream().map(TableStatus::id).toList());
    if (!failed.isEmpty() && (applied || ready)) {
      throw new Failure(
          Failure.Kind.SILENT_DIFFERENCE,
          (applied ? "awaitApplied" : "awaitReady")
              + " is true though a table has failed: "
              + after);
    }
    if (before.allReady() && after.allReady() && !ready) {
      throw new Failure(Failure.Kind.NO_REST, "awaitReady is false though all is ready: " + after);
    }
  }

  private static void throwIfFailed(Instance instance) throws InterruptedException {
    instance
        .failure()
        .ifPresent(
            failure -> {
              throw failure;
            });
  }

  private List<Source.Published> awaitRest(Instance instance) throws Exception {
    List<Source.Published> published = source.published();
    Set<Long> oids = new HashSet<>();
    published.forEach(table -> oids.add(table.oid()));
    try {
      await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(10))
          .until(() -> instance.failure().isPresent() || isAtRest(instance.status(), oids));
    } catch (ConditionTimeoutException e) {
      throw new Failure(
          Failure.Kind.NO_REST, "published are " + oids + ", status is " + instance.status());
    }
    world.carried(oids);
    return published;
  }

  private static boolean isAtRest(PipelineStatus status, Set<Long> published) {
    Set<Long> known = new HashSet<>();
    status.tables().keySet().forEach(id -> known.add(id.oid()));
    return status.state() == PipelineStatus.State.RUNNING
        && known.equals(published)
        && status.tables().values().stream().allMatch(Judge::isAtRest);
  }

  static boolean isAtRest(TableStatus table) {
    return table.isReady()
        || (table.phase() instanceof Errored errored
            && errored.retryDirective() != RetryDirective.TIMED);
  }

  private void compare(PipelineStatus status, List<Source.Published> published)
      throws SQLException {
    List<String> differences = new ArrayList<>();
    for (Source.Published table : published) {
      TableStatus reported = status.tables().get(new TableId(table.oid()));
      if (reported != null && reported.isReady() && !mayDiffer(table.oid(), reported)) {
        String difference = difference(table);
        if (!difference.isEmpty() && !isNamedSoon(table.oid())) {
          differences.add(difference);
        }
      }
    }
    if (!differences.isEmpty()) {
      throw new Failure(Failure.Kind.SILENT_DIFFERENCE, String.join("\n", differences));
    }
  }

  private boolean mayDiffer(long table, TableStatus reported) {
    if (reported.difference().isPresent() && !world.expected().mayBeNamed(table)) {
      throw new Failure(Failure.Kind.FALSE_REPORT, reported.toString());
    }
    return reported.difference().isPresent() || world.expected().limits().containsKey(table);
  }

  /** Whether the status names a table, or it is copied again, within a few refresh intervals. */
  private boolean isNamedSoon(long table) {
    if (!world.expected().warnings().containsKey(table)) {
      return false;
    }
    try {
      await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> isNamed(table) || !world.requireInstance().isReady(table));
      return true;
    } catch (ConditionTimeoutException ignored) {
      return false;
    }
  }

  private boolean isNamed(long table) {
    TableStatus status = world.requireInstance().status().tables().get(new TableId(table));
    return status != null && status.difference().isPresent();
  }

  private String difference(Source.Published table) throws SQLException {
    List<Integer> numbers =
        table.columns().stream().map(name -> table.table().numbers().get(name)).toList();
    List<String> missing = lines(source.rows(table), numbers);
    List<String> extra = lines(world.target().rows(table.oid(), source.shapes()), numbers);
    for (String row : List.copyOf(missing)) {
      if (extra.remove(row)) {
        missing.remove(row);
      }
    }
    return missing.isEmpty() && extra.isEmpty()
        ? ""
        : "%s (%d) differs: %d rows only in the source: %s; %d rows only in the destination: %s"
            .formatted(
                table.table(),
                table.oid(),
                missing.size(),
                missing.stream().limit(5).toList(),
                extra.size(),
                extra.stream().limit(5).toList());
  }

  private static List<String> lines(
      List<Map<Integer, @Nullable String>> rows, List<Integer> numbers) {
    List<String> lines = new ArrayList<>();
    for (Map<Integer, @Nullable String> row : rows) {
      List<@Nullable String> cells = new ArrayList<>();
      numbers.forEach(number -> cells.add(shortened(row.get(number))));
      lines.add(cells.toString());
    }
    return lines;
  }

  private static @Nullable String shortened(@Nullable String value) {
    return value == null || value.length() <= 60
        ? value
        : value.substring(0, 40) + "…" + value.length() + "#" + value.hashCode();
  }

  /** {@return whether there was something to fix} */
  private boolean fixTables(Instance instance, List<Source.Published> published) throws Exception {
    boolean fixed = false;
    for (Source.Published table : published) {
      long oid = table.oid();
      TableStatus reported = instance.status().tables().get(new TableId(oid));
      if (reported != null && reported.phase() instanceof Errored errored) {
        judge(table, errored);
        if (errored.solution().contains("GRANT SELECT ON ")) {
          source.run("grant select on " + table.table().sql() + " to " + World.ROLE);
        }
        resync(instance, oid);
        fixed = true;
      } else if (reported != null && reported.difference().isPresent()) {
        count("differs");
        resync(instance, oid);
        fixed = true;
      } else if (world.expected().limits().containsKey(oid)) {
        resync(instance, oid);
        fixed = true;
      } else if (reported != null && !reported.isReady()) {
        fixed = true; // it is copied again
      }
    }
    return fixed;
  }

  private void judge(Source.Published table, Errored errored) throws SQLException {
    count("Errored " + errored.retryDirective());
    if (!world.expected().mayFail(table.oid()) && source.mayRead(table.table())) {
      throw new Failure(Failure.Kind.FALSE_REPORT, table.table() + " is " + errored);
    }
  }

  private void resync(Instance instance, long table) throws InterruptedException {
    world.expected().resynced(table);
    instance.pipeline().resync(new TableId(table));
  }

  private void count(String report) {
    reports.merge(report, 1, Integer::sum);
  }

  /** Carries out what the message of a failure says. */
  private void fixPipeline(EtlException failure) throws Exception {
    count(failure.kind().toString());
    if (!world.expected().mayReport(failure.kind())) {
      throw new Failure(Failure.Kind.FALSE_REPORT, failure.kind() + " " + failure.getMessage());
    }
    world.stop();
    if (failure.kind() == ErrorKind.SLOT_LOST || failure.kind() == ErrorKind.DIVERGED) {
      requireFix(failure, InvalidatedSlotBehavior.RECREATE.name());
      recreate = true;
      world.expected().copy(Expected.ALL);
    } else if (failure.kind() == ErrorKind.SOURCE_CONFIGURATION) {
      source.run(failure.fix().substring(failure.fix().indexOf("SELECT ")));
    } else if (failure.kind() == ErrorKind.PUBLICATION_MISSING) {
      requireFix(failure, InvalidatedSlotBehavior.RECREATE.name());
      source.run(
          "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '"
              + World.SLOT
              + "'");
      recreate = true;
      world.expected().copy(Expected.ALL);
    }
  }

  private static void requireFix(EtlException failure, String part) {
    if (!failure.fix().contains(part)) {
      throw new Failure(
          Failure.Kind.NO_REST, "the fix does not say " + part + ": " + failure.getMessage());
    }
  }

  /** A table that was equal before was copied only where a step is a reason for it. */
  private void checkCopies() {
    Map<Long, Integer> copies = world.target().copies();
    copies.forEach(
        (table, count) -> {
          boolean copied = count > copiesBefore.getOrDefault(table, 0);
          if (copied && readyBefore.contains(table) && !world.expected().mayCopy(table)) {
            throw new Failure(Failure.Kind.NEEDLESS_COPY, "table " + table + " was copied again");
          }
        });
    copiesBefore.putAll(copies);
    readyBefore.clear();
    readyBefore.addAll(world.carried());
  }
}
