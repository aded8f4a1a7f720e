package dev.pgetl.internal.decode;

import dev.pgetl.event.Event;
import dev.pgetl.wal.Lsn;

/** Where decoded events go. Called by the reader's thread. */
public interface EventSink {
  /**
   * Takes an event.
   *
   * @param event the event
   * @param bytes what it keeps in memory, about
   */
  void event(Event event, int bytes);

  /**
   * A transaction ended: all events up to the position have been given.
   *
   * @param endLsn where its commit record ends
   */
  void boundary(Lsn endLsn);
}
