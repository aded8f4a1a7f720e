package dev.pgetl.quarantine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known in memory of the quarantined events of one table: which keys they concern, not
 * their rows. Thread-safe; the stream that owns the table changes it.
 */
final class Ward {
  private record Entry(boolean refused, Instant committed, RowKeys keys, boolean marked) {}

  /**
   * A place in the stream of the table.
   *
   * @param last its last event
   * @param open whether the transaction has not ended
   * @param stream the stream's thread: other streams end the same transactions
   */
  private record Place(EventSequence last, boolean open, Thread stream) {
    @SuppressWarnings("ReferenceEquality") // it is about the thread itself
    boolean isEndedBy(Event.Commit commit) {
      return open
          && stream == Thread.currentThread()
          && last.commitLsn().equals(commit.transaction().commitLsn());
    }
  }

  private final TableId table;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final NavigableMap<EventSequence, Entry> entries = new TreeMap<>();

  /** Which entries concern a key. */
  @GuardedBy("lock")
  private final Map<String, NavigableSet<EventSequence>> keys = new HashMap<>();

  /** Which concern any. */
  @GuardedBy("lock")
  private final NavigableSet<EventSequence> any = new TreeSet<>();

  @GuardedBy("lock")
  private int marked;

  @GuardedBy("lock")
  private TableName name;

  /** The columns that distinguish the rows of the first entry. */
  @GuardedBy("lock")
  private String columns = "";

  @GuardedBy("lock")
  private boolean replaying;

  /** How many events were refused since the destination took one. */
  @GuardedBy("lock")
  private int inRow;

  /** Where the stream of the table is; null if it had no event of it in this process. */
  @GuardedBy("lock")
  private @Nullable Place place;

  Ward(TableId table, TableName name) {
    this.table = table;
    this.name = name;
  }

  TableId table() {
    return table;
  }

  boolean isEmpty() {
    synchronized (lock) {
      return entries.isEmpty();
    }
  }

  int size() {
    synchronized (lock) {
      return entries.size();
    }
  }

  boolean hasMarked() {
    synchronized (lock) {
      return marked > 0;
    }
  }

  // ---- what is there ----

  void add(QuarantinedEvent event) {
    RowKeys concerned = EventText.keys(event);
    Instant committed = EventText.commitTime(event);
    synchronized (lock) {
      boolean isMarked = event.replayKey() != null;
      Entry entry = new Entry(event.refused(), committed, concerned, isMarked);
      if (entries.putIfAbsent(event.sequence(), entry) != null) {
        return;
      }
      name = event.name();
      marked += isMarked ? 1 : 0;
      if (entries.size() == 1) {
        columns = concerned.columns();
      }
      join(event.sequence(), concerned);
    }
  }

  @GuardedBy("lock")
  private void join(EventSequence event, RowKeys concerned) {
    if (concerned.keys().isEmpty()) {
      any.add(event);
    }
    for (String key : concerned.keys()) {
      keys.computeIfAbsent(key, id -> new TreeSet<>()).add(event);
    }
  }

  @GuardedBy("lock")
  private void leave(EventSequence event, RowKeys concerned) {
    any.remove(event);
    for (String key : concerned.keys()) {
      NavigableSet<EventSequence> left = keys.get(key);
      if (left != null && left.remove(event) && left.isEmpty()) {
        keys.remove(key);
      }
    }
  }

  void remove(Collection<EventSequence> events) {
    synchronized (lock) {
      for (EventSequence event : events) {
        Entry removed = entries.remove(event);
        if (removed != null) {
          marked -= removed.marked ? 1 : 0;
          leave(event, removed.keys);
        }
      }
    }
  }

  void mark(Collection<EventSequence> events, boolean now) {
    synchronized (lock) {
      for (EventSequence event : events) {
        Entry entry = entries.get(event);
        if (entry != null && entry.marked != now) {
          entries.put(event, new Entry(entry.refused, entry.committed, entry.keys, now));
          marked += now ? 1 : -1;
        }
      }
    }
  }

  /**
   * {@return whether a change has to wait for what is there} Not for what came later: after a
   * restart changes come again that were delivered before a later one of their key was refused.
   */
  boolean concerns(RowKeys change, EventSequence sequence) {
    synchronized (lock) {
      if (entries.isEmpty()) {
        return false;
      }
      boolean unknown = change.keys().isEmpty() || !change.columns().equals(columns);
      if (isReached(unknown ? entries.navigableKeySet() : any, sequence)) {
        return true;
      }
      for (String key : change.keys()) {
        NavigableSet<EventSequence> there = keys.get(key);
        if (there != null && isReached(there, sequence)) {
          return true;
        }
      }
      return false;
    }
  }

  private static boolean isReached(NavigableSet<EventSequence> there, EventSequence sequence) {
    return !there.isEmpty() && there.first().compareTo(sequence) <= 0;
  }

  List<EventSequence> before(EventSequence limit) {
    synchronized (lock) {
      return List.copyOf(entries.headMap(limit).keySet());
    }
  }

  // ---- the stream ----

  /** {@return how many were refused in a row, with this one} */
  int refused() {
    synchronized (lock) {
      return ++inRow;
    }
  }

  void accepted() {
    synchronized (lock) {
      inRow = 0;
    }
  }

  void seen(Event event) {
    synchronized (lock) {
      place = new Place(event.sequence(), true, Thread.currentThread());
    }
  }

  void ended(Event.Commit commit) {
    synchronized (lock) {
      if (place != null && place.isEndedBy(commit)) {
        place = new Place(commit.sequence(), false, place.stream);
      }
    }
  }

  /**
   * {@return a key behind all events of the table that the destination has, and before all that
   * follow; null if a transaction of it is open}
   *
   * @param passed everything that was committed before has been delivered
   */
  @Nullable EventSequence end(Lsn passed) {
    synchronized (lock) {
      if (place == null) {
        return new EventSequence(new Lsn(passed.value() - 1), 0); // within a record, never a start
      }
      return place.open ? null : place.last;
    }
  }

  void replaying(boolean now) {
    synchronized (lock) {
      replaying = now;
    }
  }

  /** {@return what there is; null if it is empty} */
  @Nullable QuarantineStatus status() {
    synchronized (lock) {
      if (entries.isEmpty()) {
        return null;
      }
      List<EventSequence> refused =
          entries.entrySet().stream()
              .filter(entry -> entry.getValue().refused)
              .map(Map.Entry::getKey)
              .limit(QuarantineStatus.MOST)
              .toList();
      Instant oldest = entries.firstEntry().getValue().committed;
      return new QuarantineStatus(
          table, name, entries.size(), oldest, refused, !any.isEmpty(), replaying);
    }
  }
}
