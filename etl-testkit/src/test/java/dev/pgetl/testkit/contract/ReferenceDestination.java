package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A destination as simple as a right one can be: it puts rows by their key, so that a replay
 * changes nothing.
 */
class ReferenceDestination implements Destination {
  /** The name of a row that is refused. */
  static final String REFUSED = "refused";

  final Target target;

  ReferenceDestination(Target target) {
    this.target = target;
  }

  /** What a call brings is written under the lock that readers take, too. */
  @Override
  public long wholeTransactionBytes() {
    return 1 << 20;
  }

  @Override
  public boolean refusesWholeCalls() {
    return true;
  }

  /** What is refused is found before anything is written. */
  void requireWelcome(List<Event> events) {
    events.forEach(ReferenceDestination::requireWelcome);
  }

  static void requireWelcome(Event event) {
    if (event instanceof Event.Insert insert
        && insert.row().isPresent(1)
        && REFUSED.equals(insert.row().text(1))) {
      throw new EtlException(ErrorKind.DESTINATION_REJECTED, "a name is refused")
          .withTable(insert.table().id().oid());
    }
  }

  @Override
  public void truncateTable(TableSchema table) {
    synchronized (target) {
      target.requireWorking();
      target.dropAside(table);
      target.clear(table);
      target.keys.remove(table.id());
    }
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    synchronized (target) {
      target.requireWorking();
      target.keepAside(next);
    }
    return true;
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    synchronized (target) {
      target.requireWorking();
      return target.isAside(next);
    }
  }

  @Override
  public void tableCopied(TableSchema table) {
    synchronized (target) {
      target.requireWorking();
      target.replace(table);
    }
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    synchronized (target) {
      target.requireWorking();
      target.remove(table, range);
    }
    return true;
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    synchronized (target) {
      target.requireWorking();
      if (!target.isAside(table)) {
        target.create(table);
      }
      rows.forEach(row -> put(row, Map.of()));
    }
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    synchronized (target) {
      target.requireWorking();
      requireWelcome(events);
      events.forEach(this::apply);
      events.forEach(this::remember);
    }
    return WriteResult.DURABLE;
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    synchronized (target) {
      target.requireWorking();
      return Optional.of(target.keys.getOrDefault(table, EventSequence.NONE));
    }
  }

  void remember(Event event) {
    if (event instanceof Event.OfTable change) {
      remember(change.table().id(), event.sequence());
    } else if (event instanceof Event.Truncate truncate) {
      truncate.tables().forEach(table -> remember(table.id(), event.sequence()));
    }
  }

  void remember(TableId table, EventSequence key) {
    target.keys.merge(table, key, (a, b) -> a.compareTo(b) >= 0 ? a : b);
  }

  void apply(Event event) {
    if (event instanceof Event.Insert insert) {
      put(insert.row(), Map.of());
    } else if (event instanceof Event.Update update) {
      update(update);
    } else if (event instanceof Event.Delete delete) {
      target.rows(delete.table()).remove(Target.key(delete.oldRow().row()));
    } else if (event instanceof Event.Truncate truncate) {
      truncate.tables().forEach(target::clear);
    }
  }

  void update(Event.Update update) {
    Event.OldRow old = update.oldRow();
    TableRow before = old == null ? update.row() : old.row();
    Map<String, @Nullable String> previous = target.rows(update.table()).remove(Target.key(before));
    put(update.row(), previous == null ? Map.of() : previous);
  }

  /** Events have the version of a replacement only when that has ended. */
  void put(TableRow row, Map<String, @Nullable String> previous) {
    Map<String, @Nullable String> cells = new HashMap<>(previous);
    for (int i = 0; i < row.table().columnCount(); i++) {
      if (row.isPresent(i)) {
        cells.put(row.table().column(i).name(), cell(row, i));
      }
    }
    target.copy(row.table()).put(Target.key(row), cells);
  }

  @Nullable String cell(TableRow row, int index) {
    return row.text(index);
  }
}
