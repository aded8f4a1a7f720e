package dev.pgetl.internal.sim;

import dev.pgetl.event.EventSequence;
import dev.pgetl.quarantine.Quarantine;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.schema.TableId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A quarantine whose writes go wrong as those of the store do. */
final class SimQuarantine implements Quarantine {
  /** What is durable; outlives processes. */
  static final class Kept {
    private final Map<TableId, NavigableMap<EventSequence, QuarantinedEvent>> events =
        new TreeMap<>();
    private final Map<TableId, EventSequence> lastKeys = new TreeMap<>();

    private NavigableMap<EventSequence, QuarantinedEvent> of(TableId table) {
      return events.computeIfAbsent(table, id -> new TreeMap<>());
    }
  }

  private final Kept kept;
  private final Calls calls;
  private final Consumer<String> say;

  SimQuarantine(Kept kept, Calls calls, Consumer<String> say) {
    this.kept = kept;
    this.calls = calls;
    this.say = say;
  }

  /** Half of a write is none. */
  private void write(String what, Runnable effect) {
    calls.make(
        what,
        half -> {
          if (!half) {
            effect.run();
          }
        });
  }

  @Override
  public void open(long epoch, Consumer<QuarantinedEvent> sink) {
    kept.events.values().forEach(events -> events.values().forEach(sink));
  }

  @Override
  public void add(List<QuarantinedEvent> events) {
    write(
        "quarantine",
        () -> {
          say.accept("quarantined " + events);
          events.forEach(event -> kept.of(event.table()).putIfAbsent(event.sequence(), event));
        });
  }

  @Override
  public List<QuarantinedEvent> read(TableId table, EventSequence after, int limit) {
    return kept.of(table).tailMap(after, false).values().stream().limit(limit).toList();
  }

  @Override
  public void mark(TableId table, List<EventSequence> events, EventSequence first) {
    write(
        "mark",
        () -> {
          say.accept("marked " + events + " of table " + table + " from " + first);
          long ordinal = first.txOrdinal();
          for (EventSequence event : events) {
            EventSequence key = new EventSequence(first.commitLsn(), ordinal++);
            kept.of(table).computeIfPresent(event, (id, was) -> was.replayedAs(key));
            kept.lastKeys.merge(table, key, (a, b) -> a.compareTo(b) > 0 ? a : b);
          }
        });
  }

  @Override
  public void unmark(TableId table, List<EventSequence> events) {
    write(
        "unmark",
        () ->
            events.forEach(
                event ->
                    kept.of(table).computeIfPresent(event, (id, was) -> was.replayedAs(null))));
  }

  @Override
  public Optional<EventSequence> lastReplayKey(TableId table) {
    return Optional.ofNullable(kept.lastKeys.get(table));
  }

  @Override
  public void remove(TableId table, Collection<EventSequence> events) {
    write(
        "release",
        () -> {
          say.accept("released " + events + " of table " + table);
          kept.of(table).keySet().removeAll(events);
        });
  }

  @Override
  public void clear(TableId table) {
    write(
        "clear",
        () -> {
          kept.of(table).clear();
          kept.lastKeys.remove(table);
        });
  }

  @Override
  public void close() {}
}
