package dev.pgetl.it.walk;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** Something durable about one table. */
  sealed interface Entry {
    /** The table was truncated because its copy begins. */
    record Truncated() implements Entry {}

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
      }
    }
  }

  /** {@return how often each table was truncated for a copy} */
  Map<Long, Integer> copies() {
    synchronized (lock) {
      return Map.copyOf(copies);
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
