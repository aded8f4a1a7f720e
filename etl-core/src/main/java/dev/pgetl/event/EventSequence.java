package dev.pgetl.event;

import dev.pgetl.wal.Lsn;
import java.util.Comparator;
import java.util.Objects;

/**
 * The key of an event: the commit position of its transaction and its place inside it. Stable
 * across restarts and replays, so a destination can recognise duplicates; total within a table, and
 * across tables of one stream.
 *
 * <p>After {@link dev.pgetl.destination.Destination#truncateTable}, or once its rows have been
 * replaced, the keys of the table may be smaller than before, because positions go back with a
 * restore or a failover. So a destination that remembers the last key of a table forgets it then.
 *
 * @param commitLsn where the transaction's commit record starts
 * @param txOrdinal place inside the transaction, from 0 for its {@link Event.Begin}
 */
public record EventSequence(Lsn commitLsn, long txOrdinal) implements Comparable<EventSequence> {

  private static final Comparator<EventSequence> ORDER =
      Comparator.comparing(EventSequence::commitLsn).thenComparingLong(EventSequence::txOrdinal);

  public EventSequence {
    Objects.requireNonNull(commitLsn, "commitLsn");
  }

  @Override
  public int compareTo(EventSequence other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return commitLsn + "#" + txOrdinal;
  }
}
