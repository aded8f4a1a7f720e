package dev.pgetl.internal.runtime.table;

import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.function.Predicate;

/**
 * Moves tables from phase to phase: under the lock of each, the store first, and with one write for
 * all. A store may take a disk's sync for each write, so thousands of tables are not moved one by
 * one. Stateless.
 */
final class TableMoves {
  /** How many phases one write has at most: a store may hold all of it in memory. */
  private static final int MOST = 1_000;

  /** The locks are taken in this order; whoever holds a single one waits for no other. */
  private static final Comparator<Table> ORDER = Comparator.comparingLong(t -> t.id().oid());

  private final Tables tables;

  TableMoves(Tables tables) {
    this.tables = tables;
  }

  /**
   * Moves those of some tables that may move.
   *
   * @param still whether a table is where the caller thinks; asked under its lock
   * @return the tables that were moved
   */
  List<Table> make(Collection<Table> movers, Predicate<Table> still, TableEvent event) {
    List<Table> moved;
    Deque<Lock> held = new ArrayDeque<>();
    try {
      for (Table table : movers.stream().distinct().sorted(ORDER).toList()) {
        table.lock().lock();
        held.push(table.lock());
      }
      moved = movers.stream().distinct().filter(t -> t.mayMove(event) && still.test(t)).toList();
      enter(moved, event);
    } finally {
      held.forEach(Lock::unlock);
    }
    moved.forEach(table -> announce(table, event));
    return moved;
  }

  private void announce(Table table, TableEvent event) {
    tables.announce(table, event.leadsTo());
    if (event instanceof CopyFinished || event instanceof HandedOver) {
      table.trouble().over();
      table.notes().hasCopied();
    }
  }

  /** Called under the locks of the tables. */
  void enter(List<Table> movers, TableEvent event) {
    Map<Table, TableLife> next = new LinkedHashMap<>();
    movers.forEach(table -> next.put(table, table.life().after(event)));
    store(storedPhases(next));
    if (event.forgetsCopy()) { // afterwards: until then a table's own stream may need them
      movers.forEach(table -> tables.store().deleteCopyRanges(table.id()));
    }
    next.forEach(Table::enter);
  }

  private static Map<TableId, TableReplicationPhase> storedPhases(Map<Table, TableLife> next) {
    Map<TableId, TableReplicationPhase> phases = new LinkedHashMap<>();
    next.forEach(
        (table, life) -> {
          if (life.phase().isStored()) {
            phases.put(table.id(), life.phase());
          }
        });
    return phases;
  }

  /** Stores that tables are in a phase. */
  void store(Collection<TableId> ids, TableReplicationPhase phase) {
    Map<TableId, TableReplicationPhase> phases = new LinkedHashMap<>();
    ids.forEach(id -> phases.put(id, phase));
    store(phases);
  }

  private void store(Map<TableId, TableReplicationPhase> phases) {
    List<Map.Entry<TableId, TableReplicationPhase>> all = List.copyOf(phases.entrySet());
    for (int from = 0; from < all.size(); from += MOST) {
      storeAtOnce(all.subList(from, Math.min(all.size(), from + MOST)));
    }
  }

  private void storeAtOnce(List<Map.Entry<TableId, TableReplicationPhase>> some) {
    if (some.size() == 1) {
      tables.store().updateTableReplicationState(some.get(0).getKey(), some.get(0).getValue());
      return;
    }
    Map<TableId, TableReplicationPhase> phases = new LinkedHashMap<>();
    some.forEach(entry -> phases.put(entry.getKey(), entry.getValue()));
    tables.store().updateTableReplicationStates(Collections.unmodifiableMap(phases));
  }
}
