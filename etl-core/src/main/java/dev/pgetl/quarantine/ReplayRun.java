package dev.pgetl.quarantine;

import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives events of one table to the destination again, in order. Between the two writes of a key it
 * is not known whether the destination has the event; then the same event comes under the same key
 * first, before any later event of the table. Owned by the calling thread.
 */
final class ReplayRun {
  private static final int PAGE = 200;

  private final Destination target;
  private final Wards wards;
  private final Ward ward;
  private final TableSchema version;
  private final Runnable still;

  /** Keys of events that were refused again, whose later events have to wait. */
  private final Set<String> blocked = new HashSet<>();

  /** By what columns these keys are made. */
  private String blockedColumns = "";

  private boolean allBlocked;
  private int replayed;

  /**
   * Creates a run.
   *
   * @param version the version of the table that the destination knows
   * @param still fails once the table is not to be called for any more
   */
  ReplayRun(Destination target, Wards wards, Ward ward, TableSchema version, Runnable still) {
    this.target = target;
    this.wards = wards;
    this.ward = ward;
    this.version = version;
    this.still = still;
  }

  private void require() {
    wards.require();
    still.run();
  }

  /** Brings an earlier replay to its end, whose outcome is not known. */
  void complete() {
    if (!ward.hasMarked()) {
      return;
    }
    List<QuarantinedEvent> unknown = new ArrayList<>();
    List<QuarantinedEvent> page = read(EventSequence.NONE);
    while (!page.isEmpty()) {
      unknown.addAll(unknown(page));
      page = read(page.get(page.size() - 1).sequence());
    }
    blocked.clear(); // what only waits behind them must not hold them back
    allBlocked = false;
    write(unknown);
    wards.tidy(ward);
  }

  /**
   * {@return those that the destination may have been given} It has not those that wait for one
   * that is known to have been refused: that one has no key any more.
   */
  private List<QuarantinedEvent> unknown(List<QuarantinedEvent> page) {
    List<QuarantinedEvent> unknown = new ArrayList<>();
    List<QuarantinedEvent> waiting = new ArrayList<>();
    for (QuarantinedEvent event : page) {
      if (event.replayKey() == null) {
        join(event);
      } else if (isBlocked(event)) {
        waiting.add(event);
      } else {
        unknown.add(event);
      }
    }
    if (!waiting.isEmpty()) {
      unmark(waiting);
    }
    return unknown;
  }

  /** {@return the outcome; null if a transaction of the table is open} */
  @Nullable ReplayResult all(Lsn passed) {
    complete();
    EventSequence end = ward.end(passed);
    if (end == null) {
      return null;
    }
    require();
    target.flush(); // an event that is lost with a crash must not have a smaller key than these
    List<QuarantinedEvent> page = read(EventSequence.NONE);
    while (!page.isEmpty()) {
      EventSequence last = page.get(page.size() - 1).sequence();
      write(marked(page, end));
      page = read(last);
    }
    wards.tidy(ward);
    return new ReplayResult(replayed, ward.size());
  }

  private List<QuarantinedEvent> read(EventSequence after) {
    return wards.quarantine().read(ward.table(), after, PAGE);
  }

  private List<QuarantinedEvent> marked(List<QuarantinedEvent> page, EventSequence end) {
    List<QuarantinedEvent> next = page.stream().filter(event -> !isBlocked(event)).toList();
    if (next.isEmpty()) {
      return next;
    }
    next.forEach(this::requireFits);
    EventSequence base =
        wards
            .quarantine()
            .lastReplayKey(ward.table())
            .filter(key -> key.compareTo(end) > 0)
            .orElse(end);
    EventSequence first = new EventSequence(base.commitLsn(), base.txOrdinal() + 1);
    List<EventSequence> sequences = sequences(next);
    require();
    wards.quarantine().mark(ward.table(), sequences, first);
    ward.mark(sequences, true);
    List<QuarantinedEvent> marked = new ArrayList<>();
    for (QuarantinedEvent event : next) {
      long ordinal = first.txOrdinal() + marked.size();
      marked.add(event.replayedAs(new EventSequence(first.commitLsn(), ordinal)));
    }
    return marked;
  }

  private static List<EventSequence> sequences(List<QuarantinedEvent> events) {
    return events.stream().map(QuarantinedEvent::sequence).toList();
  }

  private void requireFits(QuarantinedEvent event) {
    if (!EventText.fits(event, version)) {
      throw new EtlException(
              ErrorKind.DESTINATION_REJECTED,
              "replaying " + event + " failed: the table was altered since")
          .withTable(ward.table().oid())
          .withFix("Resync the table: a copy takes the place of its events in quarantine.");
    }
  }

  // ---- writing ----

  private void write(List<QuarantinedEvent> marked) {
    marked.forEach(this::requireFits);
    List<QuarantinedEvent> done = new ArrayList<>();
    write(marked, done);
    if (!done.isEmpty()) {
      require();
      target.flush();
      List<EventSequence> sequences = sequences(done);
      require();
      wards.quarantine().remove(ward.table(), sequences);
      ward.remove(sequences);
      replayed += done.size();
    }
  }

  private void write(List<QuarantinedEvent> marked, List<QuarantinedEvent> done) {
    List<QuarantinedEvent> next = withoutBlocked(marked);
    if (next.isEmpty()) {
      return;
    }
    try {
      require();
      boolean unused = target.writeEvents(events(next)) != null;
      done.addAll(next);
    } catch (EtlException e) {
      if (!Triage.isRefusal(e, target)) {
        throw e;
      }
      if (next.size() == 1) {
        block(next.get(0));
      } else {
        int half = next.size() / 2;
        write(next.subList(0, half), done);
        write(next.subList(half, next.size()), done);
      }
    }
  }

  private List<Event> events(List<QuarantinedEvent> marked) {
    List<Event> events = new ArrayList<>();
    for (QuarantinedEvent event : marked) {
      EventSequence key = event.replayKey();
      if (key != null) {
        events.add(EventText.read(event, version, key));
      }
    }
    return List.copyOf(events);
  }

  /** What waits behind one that was refused must lose its key before a greater one is used. */
  private List<QuarantinedEvent> withoutBlocked(List<QuarantinedEvent> marked) {
    List<QuarantinedEvent> waiting = marked.stream().filter(this::isBlocked).toList();
    if (waiting.isEmpty()) {
      return marked;
    }
    unmark(waiting);
    return marked.stream().filter(event -> !waiting.contains(event)).toList();
  }

  /** Durably, and before a later key is used: what the destination skips then must not be this. */
  private void block(QuarantinedEvent event) {
    unmark(List.of(event));
    join(event);
  }

  private void unmark(List<QuarantinedEvent> events) {
    List<EventSequence> sequences = sequences(events);
    require();
    wards.quarantine().unmark(ward.table(), sequences);
    ward.mark(sequences, false);
  }

  /** {@return whether it waits for one that was refused; then others wait for it} */
  private boolean isBlocked(QuarantinedEvent event) {
    RowKeys keys = EventText.keys(event);
    boolean waits =
        allBlocked
            || (!blocked.isEmpty() && !keys.columns().equals(blockedColumns))
            || keys.keys().stream().anyMatch(blocked::contains);
    if (waits) {
      join(event);
    }
    return waits;
  }

  private void join(QuarantinedEvent event) {
    RowKeys keys = EventText.keys(event);
    allBlocked |= keys.keys().isEmpty();
    allBlocked |= !blocked.isEmpty() && !keys.columns().equals(blockedColumns);
    blockedColumns = keys.columns();
    blocked.addAll(keys.keys());
  }
}
