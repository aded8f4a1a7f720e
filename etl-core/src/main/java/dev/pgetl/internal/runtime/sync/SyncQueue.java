package dev.pgetl.internal.runtime.sync;

import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.runtime.rows.CopySpeed;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Tables that wait for a sync worker, and how many workers there are. Not thread-safe.
 *
 * <p>The largest table comes first, so that none is left alone in the end. One worker is kept for
 * tables that are copied in seconds, and for those that may be: they do not wait for hours behind
 * large ones, also if they come later. Small tables share workers if there are more of them than
 * workers. A single worker takes the smallest first, for the same reason.
 *
 * <p>Tables that fail where others do not come last: while others wait they get one worker in four,
 * and of several workers one is always kept free of them.
 *
 * <p>Sizes and speed are estimates: they decide who comes first, and nothing else.
 */
final class SyncQueue {
  /** Fewer are not worth being divided among workers. */
  private static final int FEW_TABLES = 16;

  /** A table that is copied sooner is short. */
  private static final Duration SHORT = Duration.ofSeconds(10);

  /**
   * The kept worker takes a table that is not short if no other waits and it is copied by then. So
   * some large tables need not be copied one after the other, and a short one that comes later
   * waits no longer than that.
   */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

  /** So often a table that fails comes before others, so that it is not forgotten. */
  private static final int TURNS = 4;

  private static final Comparator<Table> BY_SIZE =
      Comparator.comparingLong(t -> t.notes().copy().bytesOnDisk());

  private final int workers;
  private final int tablesPerWorker;
  private final CopySpeed speed;
  private final boolean copyOnly;
  private final Set<Table> alone = new LinkedHashSet<>();
  private final Set<Table> together = new LinkedHashSet<>();
  private final Set<Table> last = new LinkedHashSet<>();
  private final Set<Table> runningLong = new HashSet<>();
  private final Set<Table> runningLast = new HashSet<>();
  private int running;
  private int runningAlone;
  private int turn;

  /**
   * Creates an empty queue.
   *
   * @param workers how many may run
   * @param tablesPerWorker how many tables one takes at most: it holds some locks for each
   * @param speed how fast a table is copied
   * @param copyOnly whether a table whose copy is finished needs no worker any more
   */
  SyncQueue(int workers, int tablesPerWorker, CopySpeed speed, boolean copyOnly) {
    this.workers = workers;
    this.tablesPerWorker = tablesPerWorker;
    this.speed = speed;
    this.copyOnly = copyOnly;
  }

  /** A table that waits already keeps its place. */
  void add(Table table) {
    if (copyOnly && table.phase() instanceof FinishedCopy) {
      return;
    }
    Set<Table> place = table.notes().isCopiedLast() ? last : isForGroup(table) ? together : alone;
    for (Set<Table> each : List.of(alone, together, last)) {
      boolean unused = each == place ? each.add(table) : each.remove(table);
    }
  }

  /** What is copied can be resumed, by a worker that does nothing else. */
  private boolean isForGroup(Table table) {
    return tablesPerWorker > 1
        && table.notes().copy().bytesOnDisk() <= TableCopier.SMALL_BYTES
        && !table.notes().isCopiedAlone()
        && table.life().mayRetry()
        && !isCopied(table);
  }

  /** It only has to catch up, and until it has, its slot holds WAL; or to be paused. */
  private static boolean isCopied(Table table) {
    return table.wish().isPause() || table.life().resumable() instanceof FinishedCopy;
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

  /** {@return the tables that wait} */
  List<Table> tables() {
    return Stream.of(alone, together, last).flatMap(Set::stream).toList();
  }

  /** {@return whether a table could begin if there were a worker} */
  boolean isWaitedFor() {
    return tables().stream().anyMatch(table -> table.syncRun() == null);
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

  private List<Table> takeOthers() {
    List<Table> next = takeAlone(runningAlone < workers - 1);
    if (next.isEmpty()) {
      next = takeTogether();
    }
    return next.isEmpty() ? takeAlone(true) : next;
  }

  /** The one that has waited longest: its size does not say how long it fails. */
  private List<Table> takeLast() {
    if (!runningLast.isEmpty() && runningLast.size() >= workers - 1) {
      return List.of();
    }
    boolean anyLong = workers == 1 || runningLong.size() < workers - 1;
    Optional<Table> chosen =
        last.stream()
            .filter(table -> table.syncRun() == null)
            .filter(table -> anyLong || isCopiedWithin(LONGEST_WAIT, table))
            .findFirst();
    chosen.ifPresent(last::remove);
    chosen.ifPresent(runningLast::add);
    return chosen.stream().toList();
  }

  /**
   * {@return a table that gets a worker for itself, or none}
   *
   * @param anyTable false for one that has been copied
   */
  private List<Table> takeAlone(boolean anyTable) {
    List<Table> free = alone.stream().filter(table -> table.syncRun() == null).toList();
    Optional<Table> copied = free.stream().filter(SyncQueue::isCopied).findFirst();
    Optional<Table> chosen = anyTable ? copied.or(() -> toCopy(free)) : copied;
    chosen.ifPresent(alone::remove);
    return chosen.stream().toList();
  }

  private Optional<Table> toCopy(List<Table> free) {
    if (workers == 1) {
      return smallest(free.stream());
    }
    if (runningLong.size() < workers - 1) {
      return largest(free.stream());
    }
    return largest(free.stream().filter(table -> isCopiedWithin(SHORT, table)))
        .or(() -> smallest(free.stream().filter(table -> isCopiedWithin(LONGEST_WAIT, table))));
  }

  private boolean isCopiedWithin(Duration time, Table table) {
    return isCopied(table) || table.notes().copy().bytesOnDisk() < speed.bytesIn(time);
  }

  /** Of two that are equally large the one comes first that came first. */
  private static Optional<Table> largest(Stream<Table> tables) {
    return tables.min(BY_SIZE.reversed());
  }

  private static Optional<Table> smallest(Stream<Table> tables) {
    return tables.min(BY_SIZE);
  }

  /** While each can have a worker of its own nothing is gained by sharing one. */
  private List<Table> takeTogether() {
    int share = (together.size() + workers - 1) / workers;
    int most = together.size() <= workers ? 1 : Math.max(FEW_TABLES, share);
    List<Table> taken = new ArrayList<>();
    Iterator<Table> next = together.iterator();
    while (next.hasNext() && taken.size() < Math.min(most, tablesPerWorker)) {
      Table table = next.next();
      if (table.syncRun() == null) {
        next.remove();
        taken.add(table);
      }
    }
    return taken;
  }

  /** {@return whether any worker runs, or a table waits} */
  boolean isBusy() {
    return running > 0 || !alone.isEmpty() || !together.isEmpty();
  }

  /** A worker has ended. */
  void ended(Collection<Table> itsTables) {
    count(itsTables, -1);
  }

  private void count(Collection<Table> itsTables, int change) {
    running += itsTables.isEmpty() ? 0 : change;
    runningAlone += itsTables.size() == 1 ? change : 0;
    if (change < 0) {
      runningLong.removeAll(itsTables);
      runningLast.removeAll(itsTables);
    } else if (itsTables.size() == 1) {
      itsTables.stream().filter(table -> !isCopiedWithin(SHORT, table)).forEach(runningLong::add);
    }
  }
}
