package dev.pgetl.internal.runtime.stream;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.wal.Lsn;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the apply worker's stream ends so that another one begins: for partitions that the server
 * has since, or for another timeline. Thread-safe.
 */
public final class Renewal {
  private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);

  private final Source source;
  private final StreamProgress progress;
  private final Consumer<Lsn> want;
  private volatile Lsn end = Lsn.ZERO;
  private volatile boolean isDue;

  /**
   * Creates one of a stream that continues.
   *
   * @param source has the timeline
   * @param progress of the stream
   * @param want makes the worker ask the server for its position until it has reached one
   */
  public Renewal(Source source, StreamProgress progress, Consumer<Lsn> want) {
    this.source = source;
    this.progress = progress;
    this.want = want;
  }

  /** Another stream begins. */
  public void begun() {
    isDue = false;
  }

  /** A stream that begins before a position, which exists, ends there. */
  public void at(Lsn position) {
    end = position;
    want.accept(position);
  }

  /**
   * A stream of a standby continues when the server is promoted, or follows another one that was.
   * It ends, and another one begins on the new timeline.
   */
  public void followTimeline() {
    try {
      SourceFacts facts = source.facts();
      if (progress.remembered().lineage().timeline() != facts.timeline()) {
        isDue = true;
        want.accept(facts.currentWal());
      }
    } catch (EtlException e) {
      LOG.debug("the timeline of the server could not be seen", e);
    }
  }

  /**
   * Requires that a position is one the stream can reach. A stream of an older timeline ends, and
   * another one begins; a source that still asks a server of an older one connects again.
   *
   * @throws EtlException of kind {@code SOURCE_UNAVAILABLE} if it is of another timeline
   */
  public void requireTimeline(WalEnd point) {
    int own = progress.timeline();
    if (point.timeline() > own) {
      isDue = true;
      want.accept(point.position());
    } else if (point.timeline() < own) {
      source.reconnect();
    }
    point.requireTimeline(own);
  }

  /** {@return whether a stream that has got from one position to another is to end} */
  public boolean endsStream(Lsn from, Lsn reached) {
    Lsn point = end;
    return isDue || (from.isBefore(point) && !reached.isBefore(point));
  }
}
