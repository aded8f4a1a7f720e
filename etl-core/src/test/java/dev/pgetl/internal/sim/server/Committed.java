package dev.pgetl.internal.sim.server;

import java.util.List;
import java.util.Set;

/**
 * A committed transaction.
 *
 * @param invalidated what a sender asks for again when it has sent the transaction
 * @param commitLsn where its commit record starts
 * @param endLsn where it ends
 */
record Committed(
    int xid, List<Change> changes, Set<Long> invalidated, long commitLsn, long endLsn) {
  Committed {
    changes = List.copyOf(changes);
    invalidated = Set.copyOf(invalidated);
  }
}
