package dev.pgetl.observe;

import java.time.Instant;
import java.util.Objects;

/**
 * How many events of a table the destination took. Counted since the process began with the table:
 * a counter of a monitoring system, which starts at 0 after a restart. Events that are delivered
 * again, after a lost connection or a crash, count again; copied rows do not count.
 *
 * @param inserts inserted rows
 * @param updates updated rows
 * @param deletes deleted rows
 * @param truncates how often the table was emptied
 * @param lastCommitTime when the transaction of the last of these events was committed, by the
 *     server's clock; {@link Instant#EPOCH} if there was none
 */
public record EventCounts(
    long inserts, long updates, long deletes, long truncates, Instant lastCommitTime) {
  /** Nothing was delivered. */
  public static final EventCounts NONE = new EventCounts(0, 0, 0, 0, Instant.EPOCH);

  public EventCounts {
    long unused = Counts.requireNotNegative("inserts", inserts);
    unused = Counts.requireNotNegative("updates", updates);
    unused = Counts.requireNotNegative("deletes", deletes);
    unused = Counts.requireNotNegative("truncates", truncates);
    Objects.requireNonNull(lastCommitTime, "lastCommitTime");
  }

  /** {@return how many events these are in all} */
  public long all() {
    return inserts + updates + deletes + truncates;
  }
}
