package dev.pgetl.it.walk;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the destination has made durable; survives pipelines and processes. Calls are only written
 * down here: rows come of them when both sides are compared. Thread-safe.
 */
final class Target {
  private final Object lock = new Object();
  private final Map<Long, List<Entry>> journals = new HashMap<>();
  private final Map<Long, Integer> copies = new HashMap<>();
  private final Map<Long, TargetTable> tables = new HashMap<>();
  private final Map<Long, TableSchema> described = new HashMap<>();

  /** Of all that came since the last truncation, also of what was accepted and lost. */
  private final Map<Long, EventSequence> lastGiven = new HashMap<>();

  /** Something durable about one table. */
  sealed interface Entry {
    /** The table was truncated because its copy begins. */
    record Truncated() implements Entry {}

    /** The rows of a range were removed because it is copied again. */
    record Removed(TableSchema table, KeyRange range) implements Entry {}

    /** A row of a copy, as of a position. */
    record Copied(Lsn at, TableRow row) implements Entry {}

    /** An event of the table. */
    record Happened(Event event) implements Entry {}
  }

  void add(long table, Entry entry) {
    synchronized (lock) {
      journals.computeIfAbsent(table, oid -> new ArrayList<>()).add(entry);
      if (entry instanceof Entry.Truncated) {
        copies.merge(table, 1, Integer::sum);
        lastGiven.remove(table);
      }
      if (entry instanceof Entry.Happened happened
          && happened.event() instanceof Event.RowChange change) {
        described.put(table, change.table());
      }
    }
  }

  /** An event has come. */
  void given(Event event) {
    synchronized (lock) {
      if (event instanceof Event.OfTable about) {
        lastGiven.merge(about.table().id().oid(), event.sequence(), Target::greater);
      } else if (event instanceof Event.Truncate truncate) {
        truncate
            .tables()
            .forEach(table -> lastGiven.merge(table.id().oid(), event.sequence(), Target::greater));
      }
    }
  }

  private static EventSequence greater(EventSequence one, EventSequence other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  /** {@return the greatest key of the events of a table} */
  EventSequence lastGiven(long table) {
    synchronized (lock) {
      return lastGiven.getOrDefault(table, EventSequence.NONE);
    }
  }

  /** {@return how often each table was truncated for a copy} */
  Map<Long, Integer> copies() {
    synchronized (lock) {
      return Map.copyOf(copies);
    }
  }

  /** {@return how often a table was truncated for a copy} */
  int copies(long table) {
    return copies().getOrDefault(table, 0);
  }

  /** {@return what the last change of a table said of it; empty before the first} */
  Optional<TableSchema> described(long table) {
    synchronized (lock) {
      return Optional.ofNullable(described.get(table));
    }
  }

  /** Makes rows of everything that has come, before the source's positions lose their meaning. */
  void materialise(Shapes shapes) {
    Set<Long> known;
    synchronized (lock) {
      known = Set.copyOf(journals.keySet());
    }
    known.forEach(table -> rows(table, shapes));
  }

  /** {@return the rows of a table, each by attribute number} */
  List<Map<Integer, @Nullable String>> rows(long table, Shapes shapes) {
    List<Entry> fresh;
    TargetTable rows;
    synchronized (lock) {
      List<Entry> journal = journals.computeIfAbsent(table, oid -> new ArrayList<>());
      fresh = List.copyOf(journal);
      journal.clear();
      rows = tables.computeIfAbsent(table, TargetTable::new);
    }
    fresh.forEach(entry -> rows.apply(entry, shapes));
    return rows.rows();
  }
}
