package dev.pgetl.internal.runtime.table;

import dev.pgetl.wal.Lsn;

/** Which changes of a table the apply worker delivers. */
sealed interface Gate {
  /** None: the table is copied, catches up, or has failed. */
  record Closed() implements Gate {}

  /**
   * The table is being handed over: none before the fence, and behind it the apply worker waits
   * until it knows.
   *
   * @param fence everything committed before it is the sync worker's
   * @param patienceNanos how long the apply worker waits
   * @param whenTaken runs if the apply worker does not wait any longer; it may hold the whole
   *     stream of the sync worker, so it is kept no longer than the fence
   */
  record Fenced(Lsn fence, long patienceNanos, Runnable whenTaken) implements Gate {}

  /**
   * The table is leaving: all of transactions committed from one position on and before another.
   *
   * @param from the first position
   * @param until the first position that is not delivered; zero while it is being decided, which
   *     the apply worker waits for
   */
  record Leaving(Lsn from, Lsn until) implements Gate {
    boolean isDecided() {
      return !until.equals(Lsn.ZERO);
    }

    boolean lets(Lsn commitLsn) {
      return !commitLsn.isBefore(from) && commitLsn.isBefore(until);
    }
  }

  /**
   * All of transactions committed at a position or behind it.
   *
   * @param from the position
   */
  record Open(Lsn from) implements Gate {}
}
