package dev.pgetl.internal.runtime.sync;

import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Tables that wait for a sync worker, and how many workers there are. Small tables, and those that
 * may be small, share workers if there are more of them than workers; one worker is kept for them
 * while any wait, because they need little of its time. Not thread-safe.
 */
final class SyncQueue {
  /** Fewer are not worth being divided among workers. */
  private static final int FEW_TABLES = 16;

  private final int workers;
  private final int tablesPerWorker;
  private final Set<Table> alone = new LinkedHashSet<>();
  private final Set<Table> together = new LinkedHashSet<>();
  private int running;
  private int runningAlone;

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
    boolean forGroup = isForGroup(table);
    (forGroup ? alone : together).remove(table);
    (forGroup ? together : alone).add(table);
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
  }

  void clear() {
    alone.clear();
    together.clear();
  }

  /** {@return tables for another worker, which runs from now on; none if there is none} */
  List<Table> take() {
    if (running >= workers) {
      return List.of();
    }
    boolean aloneFirst = runningAlone < workers - 1;
    List<Table> next = aloneFirst ? take(alone, 1) : takeTogether();
    if (next.isEmpty()) {
      next = aloneFirst ? takeTogether() : take(alone, 1);
    }
    count(next, 1);
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
