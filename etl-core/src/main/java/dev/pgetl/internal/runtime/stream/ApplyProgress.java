package dev.pgetl.internal.runtime.stream;

import dev.pgetl.wal.Lsn;

/** What a sync worker has to know of the apply worker. Thread-safe. */
@FunctionalInterface
public interface ApplyProgress {
  /** {@return whether everything committed before a position became durable in time} */
  boolean awaitDurable(Lsn position, long nanos) throws InterruptedException;

  /**
   * {@return whether the apply worker reads the same timeline} Positions of two timelines cannot be
   * compared; while a server is being promoted, one stream may be ahead of the other.
   */
  default boolean reads(int timeline) {
    return true;
  }
}
