package dev.pgetl.internal.runtime.stream;

import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.wal.Lsn;
import java.util.function.BooleanSupplier;

/** What a sync worker has to know of the apply worker. Thread-safe. */
@FunctionalInterface
public interface ApplyProgress {
  /**
   * {@return whether everything committed before a position became durable in time}
   *
   * @param position that the apply worker has read itself, or that was compared with its timeline
   */
  boolean awaitDurable(Lsn position, long nanos) throws InterruptedException;

  /**
   * {@return the same for a position that another session has read}
   *
   * @param point the position and its timeline
   * @throws dev.pgetl.error.EtlException of kind {@code SOURCE_UNAVAILABLE} if the apply worker
   *     reads another timeline
   */
  default boolean awaitPassed(WalEnd point, long nanos) throws InterruptedException {
    return awaitDurable(point.position(), nanos);
  }

  /**
   * Agrees with the apply worker on where it takes tables over. Positions of two timelines cannot
   * be compared: while a server is being promoted, one stream may be ahead of the other. Waits
   * while the apply worker connects, which may change its timeline.
   *
   * @param timeline that the sync worker has read
   * @param agreement is made while the apply worker does not connect; must be short
   * @param stopped ends the wait; asked about five times a second
   * @return what the agreement says; false if it was stopped before
   * @throws dev.pgetl.error.EtlException of kind {@code SOURCE_UNAVAILABLE} if the apply worker
   *     reads another timeline
   */
  default boolean agree(int timeline, BooleanSupplier agreement, BooleanSupplier stopped)
      throws InterruptedException {
    return agreement.getAsBoolean();
  }
}
