package dev.pgetl.internal.deliver;

import dev.pgetl.wal.Lsn;
import java.util.concurrent.TimeUnit;

/**
 * How long a boundary waits that comes without events. A store in the source writes WAL when it
 * stores a position, which makes another boundary; that must not repeat at every tick. Guarded by
 * the lock of its {@link Mailbox}. Times are in nanoseconds.
 */
final class BoundaryDelay {
  private static final long DELAY = TimeUnit.SECONDS.toNanos(30);

  /** The delay of a boundary that is far ahead: the server keeps WAL for it. */
  private static final long FAR_DELAY = TimeUnit.SECONDS.toNanos(1);

  private static final long FAR_BYTES = 1 << 20;

  private long since;
  private Lsn taken = Lsn.ZERO;

  /** The first boundary does not wait. */
  BoundaryDelay(long now) {
    skip(now);
  }

  /** {@return when the boundary of a batch without events is due} */
  long dueAt(EventBatch batch) {
    return since + (isFar(batch) ? FAR_DELAY : DELAY);
  }

  /** {@return whether the batch's boundary is far ahead of the last one taken} */
  boolean isFar(EventBatch batch) {
    Lsn boundary = batch.boundary();
    return boundary != null && boundary.value() - taken.value() >= FAR_BYTES;
  }

  /** The delivery took a batch. */
  void taken(EventBatch batch) {
    Lsn boundary = batch.boundary();
    if (boundary != null) {
      taken = boundary;
    }
  }

  /** The delivery has delivered a batch: the delay begins. */
  void delivered(long now) {
    since = now;
  }

  /** The delay is over. */
  void skip(long now) {
    since = now - DELAY;
  }
}
