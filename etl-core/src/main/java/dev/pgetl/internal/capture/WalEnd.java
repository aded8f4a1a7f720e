package dev.pgetl.internal.capture;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The end of what is flushed of a server's log. A server that was promoted uses positions of the
 * old timeline again, so a position is compared only with positions of its own timeline.
 *
 * @param timeline the server's timeline
 * @param position the end
 */
public record WalEnd(int timeline, Lsn position) {
  /**
   * Requires that the position can be compared with those of a stream.
   *
   * @param read the timeline that the stream reads
   * @throws EtlException of kind {@code SOURCE_UNAVAILABLE} if this is another one
   */
  public void requireTimeline(int read) {
    if (timeline != read) {
      throw new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE,
          "comparing position "
              + position
              + " of timeline "
              + timeline
              + " failed: the apply worker reads timeline "
              + read
              + " of the server");
    }
  }

  /** {@return the end of a primary's log; empty on a standby, which does not say its timeline} */
  static Optional<WalEnd> ofPrimary(Connection connection) throws SQLException {
    return SourceFacts.ofPrimary(connection)
        .map(facts -> new WalEnd(facts.timeline(), facts.currentWal()));
  }
}
