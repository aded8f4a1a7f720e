package dev.pgetl.internal.runtime.tally;

import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.observe.EventCounts;
import org.jspecify.annotations.Nullable;

/**
 * The events of one table that the destination took. Counted by the thread that delivers them, one
 * at a time; read by any thread.
 */
public final class TableTally {
  private static final int INSERTS = 0;
  private static final int UPDATES = 1;
  private static final int DELETES = 2;
  private static final int TRUNCATES = 3;

  /** What the current batch adds. */
  private final long[] added = new long[TRUNCATES + 1];

  /** Of the last event of the current batch; null while it has none. */
  private @Nullable Transaction last;

  private volatile EventCounts counts = EventCounts.NONE;

  /** {@return all events of all complete batches} */
  public EventCounts counts() {
    return counts;
  }

  /** {@return whether it is the table's first event of the batch} */
  boolean add(Event event) {
    boolean isFirst = last == null;
    int kind = kind(event);
    if (kind < 0) {
      return false;
    }
    added[kind]++;
    last = event.transaction();
    return isFirst;
  }

  private static int kind(Event event) {
    if (event instanceof Event.Insert) {
      return INSERTS;
    }
    if (event instanceof Event.Update) {
      return UPDATES;
    }
    if (event instanceof Event.Delete) {
      return DELETES;
    }
    return event instanceof Event.Truncate ? TRUNCATES : -1;
  }

  /** The batch is complete. */
  void publish() {
    Transaction newest = last;
    if (newest != null) {
      EventCounts before = counts;
      counts =
          new EventCounts(
              before.inserts() + taken(INSERTS),
              before.updates() + taken(UPDATES),
              before.deletes() + taken(DELETES),
              before.truncates() + taken(TRUNCATES),
              newest.commitTime());
      last = null;
    }
  }

  private long taken(int kind) {
    long more = added[kind];
    added[kind] = 0;
    return more;
  }
}
