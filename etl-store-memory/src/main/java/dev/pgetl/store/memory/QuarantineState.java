package dev.pgetl.store.memory;

import dev.pgetl.event.EventSequence;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.schema.TableId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What is in a quarantine. Not thread-safe. */
final class QuarantineState {
  private final Map<TableId, NavigableMap<EventSequence, QuarantinedEvent>> events =
      new TreeMap<>();
  private final Map<TableId, EventSequence> lastKeys = new TreeMap<>();
  private long epoch;

  private NavigableMap<EventSequence, QuarantinedEvent> of(TableId table) {
    return events.computeIfAbsent(table, id -> new TreeMap<>());
  }

  long epoch() {
    return epoch;
  }

  void epoch(long next) {
    epoch = next;
  }

  void add(QuarantinedEvent event) {
    QuarantinedEvent unused = of(event.table()).putIfAbsent(event.sequence(), event);
  }

  List<QuarantinedEvent> read(TableId table, EventSequence after, int limit) {
    return of(table).tailMap(after, false).values().stream().limit(limit).toList();
  }

  void mark(TableId table, List<EventSequence> marked, EventSequence first) {
    long ordinal = first.txOrdinal();
    for (EventSequence event : marked) {
      EventSequence key = new EventSequence(first.commitLsn(), ordinal++);
      QuarantinedEvent unused = of(table).computeIfPresent(event, (id, was) -> was.replayedAs(key));
      lastKey(table, key);
    }
  }

  void lastKey(TableId table, EventSequence key) {
    EventSequence unused = lastKeys.merge(table, key, (a, b) -> a.compareTo(b) > 0 ? a : b);
  }

  void unmark(TableId table, List<EventSequence> marked) {
    for (EventSequence event : marked) {
      QuarantinedEvent unused =
          of(table).computeIfPresent(event, (id, was) -> was.replayedAs(null));
    }
  }

  Optional<EventSequence> lastReplayKey(TableId table) {
    return Optional.ofNullable(lastKeys.get(table));
  }

  void remove(TableId table, Collection<EventSequence> removed) {
    boolean unused = of(table).keySet().removeAll(removed);
  }

  void clear(TableId table) {
    NavigableMap<EventSequence, QuarantinedEvent> unused = events.remove(table);
    EventSequence unusedKey = lastKeys.remove(table);
  }

  void forEach(Consumer<QuarantinedEvent> sink) {
    events.values().forEach(table -> table.values().forEach(sink));
  }

  List<QuarantinedEvent> all() {
    return events.values().stream().flatMap(table -> table.values().stream()).toList();
  }

  Map<TableId, EventSequence> lastKeys() {
    return lastKeys;
  }
}
