package dev.pgetl.destination.postgres.apply;

import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The keys of the events of a batch. No I/O. */
final class BatchKeys {
  private BatchKeys() {}

  /** {@return the key of the last event of each table} */
  @SuppressWarnings("ReferenceEquality") // one object is shared by all rows of a version
  static Map<TableId, EventSequence> last(List<Event> events) {
    Map<TableId, EventSequence> last = new TreeMap<>();
    TableSchema latest = null;
    for (int i = events.size() - 1; i >= 0; i--) {
      Event event = events.get(i);
      if (event instanceof Event.OfTable change) {
        if (change.table() != latest) {
          latest = change.table();
          note(last, latest, event);
        }
      } else if (event instanceof Event.Truncate truncate) {
        truncate.tables().forEach(table -> note(last, table, event));
      }
    }
    return last;
  }

  private static void note(Map<TableId, EventSequence> last, TableSchema table, Event event) {
    if (!last.containsKey(table.id())) {
      last.put(table.id(), event.sequence());
    }
  }

  /** What is known of a table. */
  interface Known {
    /** {@return the key of the last event that was applied; null if none was} */
    @Nullable EventSequence last(TableId table);
  }

  /** {@return the events of tables that are behind the known keys, truncations of those tables} */
  @SuppressWarnings("ReferenceEquality") // as above
  static List<Event> newer(List<Event> events, Known known) {
    List<Event> newer = new ArrayList<>(events.size());
    TableSchema latest = null;
    EventSequence last = null;
    for (Event event : events) {
      if (event instanceof Event.OfTable change) {
        if (change.table() != latest) {
          latest = change.table();
          last = known.last(latest.id());
        }
        if (isNew(event, last)) {
          newer.add(event);
        }
      } else if (event instanceof Event.Truncate truncate) {
        add(newer, truncate, known);
      }
    }
    return newer;
  }

  private static boolean isNew(Event event, @Nullable EventSequence last) {
    return last == null || event.sequence().compareTo(last) > 0;
  }

  private static void add(List<Event> newer, Event.Truncate truncate, Known known) {
    List<TableSchema> left =
        truncate.tables().stream()
            .filter(table -> isNew(truncate, known.last(table.id())))
            .toList();
    if (left.size() == truncate.tables().size()) {
      newer.add(truncate);
    } else if (!left.isEmpty()) {
      newer.add(
          new Event.Truncate(
              truncate.transaction(),
              truncate.txOrdinal(),
              left,
              truncate.cascade(),
              truncate.restartIdentity()));
    }
  }
}
