package dev.pgetl.internal.deliver;

import dev.pgetl.event.Event;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way to the destination, with the boundary that is durable once they are. Filled
 * by the reader, then handed over whole; never used by two threads at a time.
 */
final class EventBatch {
  private final ArrayList<Event> events = new ArrayList<>();
  private long bytes;
  private long firstNanos;
  private @Nullable Lsn boundary;
  private int eventsAtBoundary;
  private long bytesAtBoundary;

  void add(Event event, int size, long nanos) {
    if (events.isEmpty()) {
      firstNanos = nanos;
    }
    events.add(event);
    bytes += size;
  }

  /** Everything up to here has been added, and no transaction is open. */
  void boundary(Lsn position) {
    boundary = position;
    eventsAtBoundary = events.size();
    bytesAtBoundary = bytes;
  }

  /** Adds what another batch holds, behind what is here. */
  void append(EventBatch next) {
    if (events.isEmpty()) {
      firstNanos = next.firstNanos;
    }
    if (next.boundary != null) {
      boundary = next.boundary;
      eventsAtBoundary = events.size() + next.eventsAtBoundary;
      bytesAtBoundary = bytes + next.bytesAtBoundary;
    }
    events.addAll(next.events);
    bytes += next.bytes;
  }

  /**
   * Removes the events behind the last boundary: their transaction will come again from its
   * beginning.
   */
  long dropOpenTransaction() {
    long dropped = bytes - bytesAtBoundary;
    events.subList(eventsAtBoundary, events.size()).clear();
    bytes = bytesAtBoundary;
    return dropped;
  }

  /**
   * Removes the events behind the last boundary, to be continued in a batch of their own.
   *
   * @param nanos when that begins
   * @return the batch; null if there are none
   */
  @Nullable EventBatch splitOpenTransaction(long nanos) {
    if (openSize() == 0) {
      return null;
    }
    EventBatch open = new EventBatch();
    List<Event> behind = events.subList(eventsAtBoundary, events.size());
    open.events.addAll(behind);
    behind.clear();
    open.bytes = openBytes();
    open.firstNanos = nanos;
    bytes = bytesAtBoundary;
    return open;
  }

  /** {@return events of a transaction that is not complete} */
  int openSize() {
    return events.size() - eventsAtBoundary;
  }

  /** {@return their bytes} */
  long openBytes() {
    return bytes - bytesAtBoundary;
  }

  boolean hasEvents() {
    return !events.isEmpty();
  }

  int size() {
    return events.size();
  }

  List<Event> events() {
    return Collections.unmodifiableList(events);
  }

  long bytes() {
    return bytes;
  }

  long firstNanos() {
    return firstNanos;
  }

  /**
   * The last position in the batch at which no transaction is open; durable once all events of this
   * and earlier batches are. Null if there is none.
   */
  @Nullable Lsn boundary() {
    return boundary;
  }
}
