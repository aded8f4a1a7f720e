package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Broken destinations. */
final class DestinationMutants {
  private DestinationMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("null becomes empty", "d1_values", NullBecomesEmpty::new),
        new DestinationMutant("swallows failures", "d1_failures", SwallowsFailures::new),
        new DestinationMutant("truncate fails silently", "d1_failures", SilentTruncate::new),
        new DestinationMutant("durable before writing", "d2_durable", DurableBeforeWriting::new),
        new DestinationMutant("flush does nothing", "d2_flush", FlushDoesNothing::new),
        new DestinationMutant("replays add rows", "d3_replayed", ReplaysAddRows::new),
        new DestinationMutant("forgets half transactions", "d3_aReplay", ForgetsHalf::new),
        new DestinationMutant("deletes last", "d4_eventsApply", DeletesLast::new),
        new DestinationMutant("key change leaves a row", "d4_changedKeys", KeyChangeLeavesRow::new),
        new DestinationMutant("old row as key", "d4_completeOldRows", OldRowAsKey::new),
        new DestinationMutant("whole transactions only", "d4_aTransaction", WholeOnly::new),
        new DestinationMutant("ignores truncations", "d4_truncations", IgnoresTruncations::new),
        new DestinationMutant("first table of a truncation", "d4_truncations", FirstTable::new),
        new DestinationMutant("remembers columns", "d4_newVersions", RemembersColumns::new),
        new DestinationMutant("truncates all", "d5_truncateRemoves", TruncatesAll::new),
        new DestinationMutant("truncate wants a table", "d5_truncateOf", TruncateWantsTable::new),
        new DestinationMutant("no table without rows", "d6_", NoTableWithoutRows::new),
        new DestinationMutant("absent becomes null", "d7_absentColumnsStay", AbsentIsNull::new),
        new DestinationMutant("absent is lost with key", "d7_absentColumnsMove", LostWithKey::new),
        new DestinationMutant("wants events", "d8_anEmptyList", WantsEvents::new),
        new DestinationMutant("wants rows in events", "d8_eventsWithout", WantsRowEvents::new),
        new DestinationMutant("sorts the list", "d9_", SortsTheList::new),
        new DestinationMutant("close drops all", "d10_", CloseDropsAll::new),
        new DestinationMutant("one position for all", "concurrentTables", OnePosition::new),
        new DestinationMutant("not thread-safe", "concurrentTables", NotThreadSafe::new));
  }

  private static final class NullBecomesEmpty extends ReferenceDestination {
    NullBecomesEmpty(Target target) {
      super(target);
    }

    @Override
    @Nullable String cell(TableRow row, int index) {
      return Objects.requireNonNullElse(row.text(index), "");
    }
  }

  private static final class SwallowsFailures extends ReferenceDestination {
    SwallowsFailures(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      try {
        return super.writeEvents(events);
      } catch (EtlException e) {
        return WriteResult.DURABLE;
      }
    }
  }

  private static final class SilentTruncate extends ReferenceDestination {
    SilentTruncate(Target target) {
      super(target);
    }

    @Override
    public void truncateTable(TableSchema table) {
      synchronized (target) {
        target.clear(table);
      }
    }
  }

  private static final class DurableBeforeWriting extends AcceptingDestination {
    DurableBeforeWriting(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      super.writeTableRows(table, rows);
      return WriteResult.DURABLE;
    }
  }

  private static final class FlushDoesNothing extends AcceptingDestination {
    FlushDoesNothing(Target target) {
      super(target);
    }

    @Override
    public void flush() {}
  }

  private static final class ReplaysAddRows extends ReferenceDestination {
    ReplaysAddRows(Target target) {
      super(target);
    }

    @Override
    void put(TableRow row, Map<String, @Nullable String> previous) {
      List<@Nullable String> key = new ArrayList<>(Target.key(row));
      if (previous.isEmpty()) {
        key.add("row " + target.rows(row.table()).size());
      }
      Map<String, @Nullable String> cells = new HashMap<>(previous);
      for (int i = 0; i < row.table().columnCount(); i++) {
        cells.put(row.table().column(i).name(), row.text(i));
      }
      target.rows(row.table()).put(key, cells);
    }
  }

  /** Takes a transaction it saw the beginning of as seen. */
  private static final class ForgetsHalf extends ReferenceDestination {
    private static final Map<Target, Lsn> SEEN = new HashMap<>();

    ForgetsHalf(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      synchronized (target) {
        Lsn seen = SEEN.getOrDefault(target, Lsn.ZERO);
        for (Event event : events) {
          if (event.sequence().commitLsn().isAfter(seen)) {
            apply(event);
          }
          SEEN.merge(target, event.sequence().commitLsn(), Lsn::max);
        }
      }
      return WriteResult.DURABLE;
    }
  }

  private static final class DeletesLast extends ReferenceDestination {
    DeletesLast(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      List<Event> sorted = new ArrayList<>(events);
      sorted.sort(Comparator.comparing(Event.Delete.class::isInstance));
      return super.writeEvents(sorted);
    }
  }

  private static final class KeyChangeLeavesRow extends ReferenceDestination {
    KeyChangeLeavesRow(Target target) {
      super(target);
    }

    @Override
    void update(Event.Update update) {
      put(
          update.row(),
          target.rows(update.table()).getOrDefault(Target.key(update.row()), Map.of()));
    }
  }

  /** Takes all columns of an old row for its key. */
  private static final class OldRowAsKey extends ReferenceDestination {
    OldRowAsKey(Target target) {
      super(target);
    }

    @Override
    void apply(Event event) {
      if (event instanceof Event.Delete delete && delete.oldRow().kind() == Event.OldRowKind.FULL) {
        return;
      }
      super.apply(event);
    }
  }

  private static final class WholeOnly extends ReferenceDestination {
    WholeOnly(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      return events.stream().anyMatch(Event.Begin.class::isInstance)
              && events.stream().anyMatch(Event.Commit.class::isInstance)
          ? super.writeEvents(events)
          : WriteResult.DURABLE;
    }
  }

  private static final class IgnoresTruncations extends ReferenceDestination {
    IgnoresTruncations(Target target) {
      super(target);
    }

    @Override
    void apply(Event event) {
      if (!(event instanceof Event.Truncate)) {
        super.apply(event);
      }
    }
  }

  private static final class FirstTable extends ReferenceDestination {
    FirstTable(Target target) {
      super(target);
    }

    @Override
    void apply(Event event) {
      if (event instanceof Event.Truncate truncate) {
        target.clear(truncate.tables().get(0));
      } else {
        super.apply(event);
      }
    }
  }

  private static final class RemembersColumns extends ReferenceDestination {
    private final Map<Long, Integer> firstCount = new HashMap<>();

    RemembersColumns(Target target) {
      super(target);
    }

    @Override
    @Nullable String cell(TableRow row, int index) {
      TableSchema table = row.table();
      int known = firstCount.computeIfAbsent(table.id().oid(), id -> table.columnCount());
      return index < known ? row.text(index) : null;
    }
  }

  private static final class TruncatesAll extends ReferenceDestination {
    TruncatesAll(Target target) {
      super(target);
    }

    @Override
    public void truncateTable(TableSchema table) {
      synchronized (target) {
        target.requireWorking();
        target.clearAll();
      }
    }
  }

  private static final class TruncateWantsTable extends ReferenceDestination {
    TruncateWantsTable(Target target) {
      super(target);
    }

    @Override
    public void truncateTable(TableSchema table) {
      synchronized (target) {
        if (!target.exists(table)) {
          throw new IllegalStateException("no such table");
        }
        super.truncateTable(table);
      }
    }
  }

  private static final class NoTableWithoutRows extends ReferenceDestination {
    NoTableWithoutRows(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      return rows.isEmpty() ? WriteResult.DURABLE : super.writeTableRows(table, rows);
    }

    @Override
    void put(TableRow row, Map<String, @Nullable String> previous) {
      if (!target.exists(row.table())) {
        throw new IllegalStateException("no such table");
      }
      super.put(row, previous);
    }
  }

  private static final class AbsentIsNull extends ReferenceDestination {
    AbsentIsNull(Target target) {
      super(target);
    }

    @Override
    void put(TableRow row, Map<String, @Nullable String> previous) {
      super.put(row, Map.of());
    }
  }

  private static final class LostWithKey extends ReferenceDestination {
    LostWithKey(Target target) {
      super(target);
    }

    @Override
    void update(Event.Update update) {
      if (update.oldRow() != null) {
        target.rows(update.table()).remove(Target.key(update.oldRow().row()));
        put(update.row(), Map.of());
      } else {
        super.update(update);
      }
    }
  }

  private static final class WantsEvents extends ReferenceDestination {
    WantsEvents(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      Objects.requireNonNull(events.get(0));
      return super.writeEvents(events);
    }
  }

  private static final class WantsRowEvents extends ReferenceDestination {
    WantsRowEvents(Target target) {
      super(target);
    }

    @Override
    void apply(Event event) {
      if (event instanceof Event.Message) {
        throw new IllegalStateException("unknown event");
      }
      super.apply(event);
    }
  }

  private static final class SortsTheList extends ReferenceDestination {
    SortsTheList(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      rows.sort(Comparator.comparing(row -> String.valueOf(row.text(0))));
      return super.writeTableRows(table, rows);
    }
  }

  private static final class CloseDropsAll extends ReferenceDestination {
    CloseDropsAll(Target target) {
      super(target);
    }

    @Override
    public void close() {
      synchronized (target) {
        target.clearAll();
      }
    }
  }

  /** Takes what lies behind the furthest event of any stream for a replay. */
  private static final class OnePosition extends ReferenceDestination {
    private EventSequence last = new EventSequence(Lsn.ZERO, 0);

    OnePosition(Target target) {
      super(target);
    }

    @Override
    void apply(Event event) {
      if (event.sequence().compareTo(last) > 0) {
        last = event.sequence();
        super.apply(event);
      }
    }
  }

  /** Works on a copy that all tables share, and puts it back. */
  private static final class NotThreadSafe extends ReferenceDestination {
    NotThreadSafe(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      Target copy;
      synchronized (target) {
        target.requireWorking();
        copy = target.copy();
      }
      LockSupport.parkNanos(100_000);
      ReferenceDestination worker = new ReferenceDestination(copy);
      events.forEach(worker::apply);
      synchronized (target) {
        target.become(copy);
      }
      return WriteResult.DURABLE;
    }
  }
}
