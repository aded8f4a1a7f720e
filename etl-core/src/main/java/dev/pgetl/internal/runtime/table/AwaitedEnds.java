package dev.pgetl.internal.runtime.table;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.runtime.table.TableEvent.ApplyReached;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.stream.Collectors;

/**
 * Tables that the apply worker owns, each with an end that the apply worker has not reached yet:
 * the position where its sync worker has stopped. Thread-safe.
 */
final class AwaitedEnds {
  /** How many tables are made {@code Ready} with one write. */
  private static final int MOST = 1_000;

  private record Awaited(Lsn end, Table table) {
    private static final Comparator<Awaited> ORDER =
        Comparator.comparing(Awaited::end).thenComparing(awaited -> awaited.table().id().oid());

    private boolean isDue() {
      TableState now = table.state();
      return !now.refused() && now.life().phase().equals(new SyncDone(end));
    }
  }

  private final Queue<Awaited> queue = new PriorityBlockingQueue<>(11, Awaited.ORDER);

  void add(Lsn end, Table table) {
    queue.add(new Awaited(end, table));
  }

  /** Nothing is awaited of a table any more. */
  void remove(Table table) {
    queue.removeIf(awaited -> awaited.table.equals(table));
  }

  /** Nothing is awaited of any table. */
  void clear() {
    queue.clear();
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** {@return whether any end is reached} */
  boolean isReached(Lsn position) {
    Awaited first = queue.peek();
    return first != null && !first.end.isAfter(position);
  }

  /**
   * Makes every table {@code Ready} whose end is reached.
   *
   * @throws EtlException if one could not be stored; the next call retries it
   */
  void settle(Lsn position, TableMoves moves) {
    List<Awaited> reached = take(position);
    while (!reached.isEmpty()) {
      settle(reached, moves);
      reached = take(position);
    }
  }

  private void settle(List<Awaited> reached, TableMoves moves) {
    Failpoint.BEFORE_READY.reached();
    Map<Table, List<Awaited>> byTable =
        reached.stream()
            .collect(
                Collectors.groupingBy(Awaited::table, LinkedHashMap::new, Collectors.toList()));
    try {
      List<Table> unused =
          moves.make(
              byTable.keySet(),
              table -> byTable.getOrDefault(table, List.of()).stream().anyMatch(Awaited::isDue),
              new ApplyReached());
    } catch (EtlException e) {
      queue.addAll(reached);
      throw e;
    }
    Failpoint.AFTER_READY.reached();
  }

  private List<Awaited> take(Lsn position) {
    List<Awaited> taken = new ArrayList<>();
    while (taken.size() < MOST) {
      Awaited next = queue.poll();
      if (next == null) {
        return taken;
      }
      if (next.end.isAfter(position)) {
        queue.add(next);
        return taken;
      }
      taken.add(next);
    }
    return taken;
  }
}
