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
 * Which timeline of the server a stream reads, and what other sessions find. Positions of another
 * timeline are not compared with those of the stream. Thread-safe.
 */
public final class StreamTimeline {
  private static final Logger LOG = LoggerFactory.getLogger(StreamTimeline.class);
  private final StreamProgress progress;
  private final Source source;
  private final Consumer<Lsn> want;
  private volatile boolean left;

  /**
   * Begins with the timeline of the stream's position.
   *
   * @param progress the stream's position
   * @param source asks the server beside the stream
   * @param want has the stream look for its end up to a position
   */
  public StreamTimeline(StreamProgress progress, Source source, Consumer<Lsn> want) {
    this.progress = progress;
    this.source = source;
    this.want = want;
  }

  /** Another stream is about to be opened, on the timeline that the server has then. */
  public void opening() {
    left = false;
  }

  /** {@return whether the server has another timeline, so that the stream is to end} */
  public boolean isLeft() {
    return left;
  }

  /** {@return its number} */
  public int number() {
    return progress.timeline();
  }

  /** {@return whether everything before a position is durable, on the position's timeline} */
  public boolean hasPassed(WalEnd point) {
    return progress.hasPassed(point);
  }

  /**
   * A stream of a standby continues when the server is promoted, or follows another one that was.
   * It ends, and another one begins on the new timeline.
   */
  public void follow() {
    try {
      SourceFacts facts = source.facts();
      if (number() != facts.timeline()) {
        leave(facts.currentWal());
      }
    } catch (EtlException e) {
      LOG.debug("the timeline of the server could not be seen", e);
    }
  }

  private void leave(Lsn position) {
    left = true;
    want.accept(position);
  }

  /**
   * Requires that a position is one the stream can reach. A stream of an older timeline ends, and
   * another one begins; a source that still asks a server of an older one connects again.
   *
   * @throws EtlException of kind {@code SOURCE_UNAVAILABLE} if it is of another timeline
   */
  public void require(WalEnd end) {
    int own = number();
    if (end.timeline() > own) {
      leave(end.position());
    } else if (end.timeline() < own) {
      source.reconnect();
    }
    end.requireTimeline(own);
  }
}
