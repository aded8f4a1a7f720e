package dev.pgetl.internal.runtime.sync;

import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Tables that wait for a sync worker, and how many workers there are. Small tables, and those that
 * may be small, share workers if there are more of them than workers; one worker is kept for them
 * while any wait, because they need little of its time. Tables that fail where others do not come
 * last: while others wait they get one worker in four, and one is always kept free of them. Not
 * thread-safe.
 */
final class SyncQueue {
  /** Fewer are not worth being divided among workers. */
  private static final int FEW_TABLES = 16;

  /** So often a table that fails is taken before others, so that it is not forgotten. */
  private static final int TURNS = 4;

  private final int workers;
  private final int tablesPerWorker;
  private final Set<Table> alone = new LinkedHashSet<>();
  private final Set<Table> together = new LinkedHashSet<>();
  private final Set<Table> last = new LinkedHashSet<>();
  private final Set<Table> runningLast = new HashSet<>();
  private int running;
  private int runningAlone;
  private int turn;

  /**
   * Creates an empty queue.
   *
   * @param workers how many may run
   * @param tablesPerWorker how many tables one takes at most: it holds some locks for each
   */
  SyncQueue(int workers, int tablesPerWorker) {
    this.workers = workers;
    this.tablesPerWorker = tablesPerWorker;
  }

  /** A table that waits already keeps its place. */
  void add(Table table) {
    Set<Table> place = table.notes().isCopiedLast() ? last : isForGroup(table) ? together : alone;
    for (Set<Table> each : List.of(alone, together, last)) {
      boolean unused = each == place ? each.add(table) : each.remove(table);
    }
  }

  /** What is copied can be resumed, by a worker that does nothing else. */
  private boolean isForGroup(Table table) {
    return tablesPerWorker > 1
        && !table.notes().isCopiedAlone()
        && table.life().mayRetry()
        && !(table.life().resumable() instanceof FinishedCopy);
  }

  void remove(Table table) {
    alone.remove(table);
    together.remove(table);
    last.remove(table);
  }

  void clear() {
    alone.clear();
    together.clear();
    last.clear();
  }

  /** {@return whether a table could begin if there were a worker} */
  boolean isWaitedFor() {
    return Stream.of(alone, together, last)
        .flatMap(Set::stream)
        .anyMatch(table -> table.syncRun() == null);
  }

  /** {@return tables for another worker, which runs from now on; none if there is none} */
  List<Table> take() {
    if (running >= workers) {
      return List.of();
    }
    boolean failingFirst = turn % TURNS == TURNS - 1 && runningLast.isEmpty();
    List<Table> next = failingFirst ? takeLast() : takeOthers();
    if (next.isEmpty()) {
      next = failingFirst ? takeOthers() : takeLast();
    }
    turn += next.isEmpty() ? 0 : 1;
    count(next, 1);
    return next;
  }

  private List<Table> takeLast() {
    if (!runningLast.isEmpty() && runningLast.size() >= workers - 1) {
      return List.of();
    }
    List<Table> next = take(last, 1);
    runningLast.addAll(next);
    return next;
  }

  private List<Table> takeOthers() {
    boolean aloneFirst = runningAlone < workers - 1;
    List<Table> next = aloneFirst ? take(alone, 1) : takeTogether();
    if (next.isEmpty()) {
      next = aloneFirst ? takeTogether() : take(alone, 1);
    }
    return next;
  }

  /** While each can have a worker of its own nothing is gained by sharing one. */
  private List<Table> takeTogether() {
    if (together.size() <= workers) {
      return take(together, 1);
    }
    int share = (together.size() + workers - 1) / workers;
    return take(together, Math.min(tablesPerWorker, Math.max(FEW_TABLES, share)));
  }

  /** A worker has ended. */
  void ended(Collection<Table> itsTables) {
    runningLast.removeAll(itsTables);
    count(itsTables, -1);
  }

  private void count(Collection<Table> itsTables, int change) {
    running += itsTables.isEmpty() ? 0 : change;
    runningAlone += itsTables.size() == 1 ? change : 0;
  }

  /** {@return up to so many tables without a worker, which do not wait any longer} */
  private static List<Table> take(Set<Table> waiting, int most) {
    List<Table> taken = new ArrayList<>();
    Iterator<Table> next = waiting.iterator();
    while (next.hasNext() && taken.size() < most) {
      Table table = next.next();
      if (table.syncRun() == null) {
        next.remove();
        taken.add(table);
      }
    }
    return taken;
  }
}
