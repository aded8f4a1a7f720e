package dev.pgetl.internal.sim.server;

import java.util.List;

/**
 * A committed transaction.
 *
 * @param commitLsn where its commit record starts
 * @param endLsn where it ends
 */
record Committed(int xid, List<Change> changes, long commitLsn, long endLsn) {
  Committed {
    changes = List.copyOf(changes);
  }
}
