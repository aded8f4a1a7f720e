package dev.pgetl.quarantine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known in memory of the quarantined events of one table: which keys they concern, not their
 * rows. Thread-safe; the stream that owns the table changes it.
 */
final class Ward {
  private record Entry(boolean refused, RowKeys keys, boolean marked) {}

  private final TableId table;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final NavigableMap<EventSequence, Entry> entries = new TreeMap<>();

  /** How many entries concern a key. */
  @GuardedBy("lock")
  private final Map<String, Integer> keys = new HashMap<>();

  /** How many concern any. */
  @GuardedBy("lock")
  private int any;

  @GuardedBy("lock")
  private int marked;

  @GuardedBy("lock")
  private TableName name;

  /** By what columns the rows of the first entry are told apart. */
  @GuardedBy("lock")
  private String columns = "";

  /** How many events were refused since the destination took one. */
  @GuardedBy("lock")
  private int inRow;

  /** The last event of the table that its stream had; null if there was none in this process. */
  @GuardedBy("lock")
  private @Nullable EventSequence last;

  /** Whether its transaction has not ended. */
  @GuardedBy("lock")
  private boolean open;

  /** The thread of the stream that had it: other streams end the same transactions. */
  @GuardedBy("lock")
  private @Nullable Thread stream;

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
    synchronized (lock) {
      boolean isMarked = event.replayKey() != null;
      Entry entry = new Entry(event.refused(), concerned, isMarked);
      if (entries.putIfAbsent(event.sequence(), entry) != null) {
        return;
      }
      name = event.name();
      marked += isMarked ? 1 : 0;
      if (entries.size() == 1) {
        columns = concerned.columns();
      }
      count(concerned, 1);
    }
  }

  @GuardedBy("lock")
  private void count(RowKeys concerned, int change) {
    if (concerned.keys().isEmpty()) {
      any += change;
    }
    for (String key : concerned.keys()) {
      int now = keys.merge(key, change, Integer::sum);
      if (now == 0) {
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
          count(removed.keys, -1);
        }
      }
    }
  }

  void mark(Collection<EventSequence> events, boolean now) {
    synchronized (lock) {
      for (EventSequence event : events) {
        Entry entry = entries.get(event);
        if (entry != null && entry.marked != now) {
          entries.put(event, new Entry(entry.refused, entry.keys, now));
          marked += now ? 1 : -1;
        }
      }
    }
  }

  /** {@return whether a change has to wait for what is there} */
  boolean concerns(RowKeys change) {
    synchronized (lock) {
      return !entries.isEmpty()
          && (any > 0
              || change.keys().isEmpty()
              || !change.columns().equals(columns)
              || change.keys().stream().anyMatch(keys::containsKey));
    }
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
      last = event.sequence();
      open = true;
      stream = Thread.currentThread();
    }
  }

  @SuppressWarnings("ReferenceEquality") // it is about the thread itself
  void ended(Event.Commit commit) {
    synchronized (lock) {
      if (open && last != null && stream == Thread.currentThread()
          && last.commitLsn().equals(commit.transaction().commitLsn())) {
        last = commit.sequence();
        open = false;
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
      if (last == null) {
        return new EventSequence(new Lsn(passed.value() - 1), 0); // within a record, never a start
      }
      return open ? null : last;
    }
  }

  QuarantineStatus status() {
    synchronized (lock) {
      List<EventSequence> refused =
          entries.entrySet().stream()
              .filter(entry -> entry.getValue().refused)
              .map(Map.Entry::getKey)
              .limit(QuarantineStatus.MOST)
              .toList();
      return new QuarantineStatus(table, name, entries.size(), refused, any > 0);
    }
  }
}
