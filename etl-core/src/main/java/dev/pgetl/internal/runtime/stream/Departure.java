package dev.pgetl.internal.runtime.stream;

import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.facts.OpenTransactions;
import dev.pgetl.wal.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * How a table leaves that is not published any more. The server still sends what transactions did
 * to it that were open when that was seen. Immutable.
 *
 * @param next the first transaction that had not begun then
 * @param seen where the log was then: what is behind it does not concern the table
 * @param timeline of these positions
 * @param end where the log was when all before had ended; null until they have
 */
public record Departure(long next, Lsn seen, int timeline, @Nullable Lsn end) {
  /**
   * {@return a table that leaves now}
   *
   * @param open transactions, asked for after the publication
   * @param now where the log was after the publication was read
   */
  public static Departure begin(OpenTransactions open, WalEnd now) {
    return new Departure(open.next(), now.position(), now.timeline(), null);
  }

  /**
   * {@return what is known later} On another timeline it begins again: which transactions are open
   * there, and which positions they have, does not follow from the old one.
   *
   * @param open transactions by now
   * @param now where the log was after the publication was read
   */
  public Departure at(OpenTransactions open, WalEnd now) {
    if (now.timeline() != timeline) {
      return begin(open, now);
    }
    boolean ended = next <= open.oldest() || !open.keptFrom().isBefore(seen);
    return end == null && ended ? new Departure(next, seen, timeline, now.position()) : this;
  }
}
