package dev.pgetl.internal.sim;

import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Judges a history: once faults have ended, each published table is in the destination as in the
 * source, or the pipeline says that it is not; and what it says so of is equal after a resync.
 */
final class Oracle {
  /** Far more virtual time than anything takes once all is well. */
  private static final Duration LIMIT = Duration.ofMinutes(20);

  /** The longest call that may still be under way, and then a look at the publication. */
  private static final Duration SETTLING = Duration.ofSeconds(30);

  private final World world;
  private final RuntimeSimulation director;
  private long until;

  Oracle(World world, RuntimeSimulation director) {
    this.world = world;
    this.director = director;
  }

  void judge() {
    world.say("faults end");
    world.layer().calls.heal();
    world.holdings().calls.heal();
    world.holdings().poison = null;
    world.cluster().unreachable(0);
    world.writeOn();
    director.engine().resume();
    director.pause(SETTLING.toMillis());
    compareOnceQuiet();
    List<TableId> errored = errored();
    errored.forEach(
        table -> {
          world.holdings().refused.remove(table);
          director.engine().resync(table);
        });
    if (!errored.isEmpty()) {
      director.pause(SETTLING.toMillis());
      compareOnceQuiet();
      if (!errored().isEmpty()) {
        world.object("tables stand still after a resync without faults: " + errored());
      }
    }
    if (!world.objections().isEmpty()) {
      throw new AssertionError(String.join("\n  ", world.objections()));
    }
  }

  private void compareOnceQuiet() {
    until = world.scheduler().deadline(LIMIT.toNanos());
    int restarts = 0;
    while (!isQuiet()) {
      resumePaused();
      replay();
      if (director.engine().hasEnded() || !director.engine().process().alive()) {
        restarts++;
        director.restartEnded();
      }
      if (world.scheduler().now() > until || restarts > 20) {
        throw new AssertionError(
            "it does not come to rest at "
                + world.cluster().end()
                + ": "
                + tables()
                + director.engine().engine().status().stream()
                + world.scheduler().stacks());
      }
      director.pause(200);
    }
    compare();
  }

  /** Its operator has nothing more to do. */
  private void resumePaused() {
    tables()
        .forEach(
            (table, phase) -> {
              if (phase instanceof TableReplicationPhase.Paused) {
                director.engine().order(TableOrder.of(TableOrder.Act.RESUME, table));
              }
            });
  }

  /** What the destination refused is fixed; the copy of a table that was altered replaces it. */
  private void replay() {
    for (TableId table : director.engine().quarantined()) {
      world.holdings().refused.remove(table);
      if (!director.engine().replay(table)) {
        director.engine().resync(table);
        director.pause(SETTLING.toMillis());
      }
    }
  }

  private boolean isQuiet() {
    return director.engine().isRunning()
        && tables().keySet().equals(published().keySet())
        && tables().values().stream().allMatch(Oracle::isSettled)
        && director.engine().quarantined().stream().noneMatch(this::isReady)
        && director.engine().hasApplied(world.cluster().end())
        && tables().values().stream().allMatch(Oracle::isSettled);
  }

  private boolean isReady(TableId table) {
    return tables().get(table) instanceof TableReplicationPhase.Ready;
  }

  private static boolean isSettled(TableReplicationPhase phase) {
    return phase instanceof TableReplicationPhase.Ready || isLeftToOperator(phase);
  }

  private static boolean isLeftToOperator(TableReplicationPhase phase) {
    return phase instanceof TableReplicationPhase.Errored errored
        && errored.retryDirective() != RetryDirective.TIMED;
  }

  private Map<TableId, TableReplicationPhase> tables() {
    PipelineStatus status = director.engine().engine().status();
    Map<TableId, TableReplicationPhase> phases = new TreeMap<>();
    for (TableStatus table : status.tables().values()) {
      phases.put(table.id(), table.phase());
    }
    return phases;
  }

  private Map<TableId, List<Map<Integer, String>>> published() {
    return world.cluster().published(Script.PUBLICATION);
  }

  private List<TableId> errored() {
    return tables().entrySet().stream()
        .filter(table -> isLeftToOperator(table.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private void compare() {
    List<TableId> errored = errored();
    published()
        .forEach(
            (table, rows) -> {
              if (!errored.contains(table)) {
                compare(table, rows);
              }
            });
  }

  /** Columns that the source has dropped do not count. */
  private void compare(TableId table, List<Map<Integer, String>> rows) {
    if (world.holdings().table(table).isReplacing()) {
      world.object("table %s is Ready and its rows are still to be replaced".formatted(table));
    }
    List<Integer> columns = world.cluster().columns(table);
    List<Map<Integer, String>> source = rows.stream().map(row -> only(columns, row)).toList();
    List<Map<Integer, String>> destination =
        world.holdings().table(table).rows().values().stream()
            .map(row -> only(columns, row))
            .toList();
    if (!source.equals(destination)) {
      world.object(
          "table %s is Ready and differs at %s\n    source      %s\n    destination %s"
              .formatted(table, world.cluster().end(), source, destination));
    }
  }

  private static Map<Integer, String> only(List<Integer> columns, Map<Integer, String> row) {
    Map<Integer, String> kept = new TreeMap<>(row);
    kept.keySet().retainAll(columns);
    return kept;
  }
}
