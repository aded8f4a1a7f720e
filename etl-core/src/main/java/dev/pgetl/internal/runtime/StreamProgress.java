package dev.pgetl.internal.runtime;

import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.StateStore;
import dev.pgetl.wal.Lsn;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How far a stream is durable: the store hears of it first, then the server. Thread-safe; moved by
 * the stream's delivery thread.
 */
final class StreamProgress {
  private final StateStore store;
  private final String slotName;
  private final SlotLineage lineage;
  private final Object lock = new Object();
  private volatile Lsn durable;
  private boolean ended;
  private volatile @Nullable WalStream wal;

  StreamProgress(StateStore store, String slotName, SlotLineage lineage, Lsn durable) {
    this.store = store;
    this.slotName = slotName;
    this.lineage = lineage;
    this.durable = durable;
  }

  /** The session that reports the position to the server from now on. */
  void attach(WalStream session) {
    wal = session;
    session.confirm(durable);
  }

  void detach() {
    wal = null;
  }

  Lsn durable() {
    return durable;
  }

  SlotLineage lineage() {
    return lineage;
  }

  /** The position will not move any more. */
  void end() {
    synchronized (lock) {
      ended = true;
      lock.notifyAll();
    }
  }

  /** {@return whether the position was reached in time} */
  boolean await(Lsn position, long nanos) throws InterruptedException {
    long left = TimeUnit.NANOSECONDS.toMillis(nanos);
    synchronized (lock) {
      long until = System.nanoTime() + nanos;
      while (durable.isBefore(position) && !ended && left > 0) {
        lock.wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      }
      return !durable.isBefore(position);
    }
  }

  /** {@return whether the position moved} */
  boolean advance(Lsn position) {
    if (!position.isAfter(durable)) {
      return false;
    }
    Failpoint.BEFORE_PROGRESS_STORED.reached();
    store.storeReplicationProgress(new ReplicationProgress(slotName, lineage, position));
    Failpoint.AFTER_PROGRESS_STORED.reached();
    synchronized (lock) {
      durable = position;
      lock.notifyAll();
    }
    WalStream session = wal;
    if (session != null) {
      session.confirm(position);
    }
    return true;
  }
}
