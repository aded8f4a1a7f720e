package dev.pgetl.internal.capture;

import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.util.Optional;

/**
 * A connection that can become a stream. What it says about server and slots is true of the very
 * server it streams from, wherever the same address leads a moment later. Owned by one thread.
 */
public interface ReplicationConnection extends AutoCloseable {
  /** {@return what server this is; asked again each time} */
  SourceFacts facts();

  /**
   * {@return where the earlier timelines of this server ended}
   *
   * @param timeline the server's timeline
   */
  TimelineHistory history(int timeline);

  /**
   * {@return a slot of the server, if there is one of that name}
   *
   * @param name the slot
   */
  Optional<SlotState> slot(String name);

  /**
   * Prepares the server for large rows, before the position is compared and the stream begins: it
   * takes time, and nothing comes between those two. Otherwise its WAL sender may get memory and
   * give it back for each of them, which takes a quarter of its time at rows of 1 MB; in return it
   * keeps at most 64 MiB. Costs the server some 15 ms. Never fails.
   */
  void expectLargeRows();

  /**
   * Turns the connection into a stream; it is of no other use from then on.
   *
   * @param slotName the slot
   * @param publicationName the publication
   * @param from where to begin; the server begins at the slot's confirmed position if that is later
   * @param format in what format to ask for values; those of types without a binary one come as
   *     text all the same
   * @return the stream; closing it ends the connection
   */
  WalStream stream(String slotName, String publicationName, Lsn from, ValueFormat format);

  /** Ends the connection, also if it has become a stream. Idempotent. */
  @Override
  void close();
}
