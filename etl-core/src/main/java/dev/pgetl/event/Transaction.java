package dev.pgetl.event;

import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.Objects;

/**
 * The transaction an event belongs to; one object shared by all its events.
 *
 * @param commitLsn where its commit record starts
 * @param commitTime when it was committed, by the server's clock
 * @param xid its transaction id, unsigned 32 bits; 0 for a non-transactional {@link Event.Message}
 */
public record Transaction(Lsn commitLsn, Instant commitTime, long xid) {
  public Transaction {
    Objects.requireNonNull(commitLsn, "commitLsn");
    Objects.requireNonNull(commitTime, "commitTime");
  }
}
