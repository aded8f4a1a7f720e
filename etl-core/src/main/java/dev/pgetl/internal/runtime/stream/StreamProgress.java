package dev.pgetl.internal.runtime.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.StateStore;
import dev.pgetl.wal.Lsn;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * The durable position of a stream: the store gets it first, then the server. Thread-safe; advanced
 * by the stream's delivery thread only.
 */
public final class StreamProgress {
  private final StateStore store;
  private final String slotName;
  private final Lock lock;
  private final Condition moved;
  private volatile SlotLineage lineage;
  private volatile Lsn durable;
  private volatile @Nullable WalStream wal;

  @GuardedBy("lock")
  private boolean ended;

  /**
   * Begins at what is remembered.
   *
   * @param store where positions go
   * @param start the slot and its position
   * @param platform whose threads wait for positions
   */
  public StreamProgress(StateStore store, ReplicationProgress start, Platform platform) {
    this.store = store;
    this.slotName = start.slotName();
    this.lineage = start.lineage();
    this.durable = start.flushedLsn();
    this.lock = platform.newLock();
    this.moved = lock.newCondition();
  }

  /** The session that reports the position to the server from now on. */
  public void attach(WalStream session) {
    wal = session;
    session.confirm(durable);
  }

  /** No session reports the position any more. */
  public void detach() {
    wal = null;
  }

  /** {@return the position: everything committed before it is durable, and the store knows} */
  public Lsn durable() {
    return durable;
  }

  /**
   * {@return whether everything before a position is durable}
   *
   * @param point a position and its timeline: on another one the answer is no
   */
  public boolean hasPassed(WalEnd point) {
    lock.lock();
    try {
      return lineage.timeline() == point.timeline() && !durable.isBefore(point.position());
    } finally {
      lock.unlock();
    }
  }

  /** {@return the timeline of the position} */
  public int timeline() {
    return lineage.timeline();
  }

  /** {@return the position as a store keeps it} */
  public ReplicationProgress remembered() {
    return new ReplicationProgress(slotName, lineage, durable);
  }

  /**
   * The stream continues on another timeline, as the store knows already. Nothing is being
   * delivered; the position may be smaller than before.
   */
  public void follow(ReplicationProgress position) {
    lock.lock();
    try {
      lineage = position.lineage();
      durable = position.flushedLsn();
    } finally {
      lock.unlock();
    }
  }

  /** The position will not move any more. */
  public void end() {
    lock.lock();
    try {
      ended = true;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether the position was reached in time} */
  public boolean await(Lsn position, long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (durable.isBefore(position) && !ended && left > 0) {
        left = moved.awaitNanos(left);
      }
      return !durable.isBefore(position);
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether the position moved} */
  public boolean advance(Lsn position) {
    if (!position.isAfter(durable)) {
      return false;
    }
    Failpoint.BEFORE_PROGRESS_STORED.reached();
    store.storeReplicationProgress(new ReplicationProgress(slotName, lineage, position));
    Failpoint.AFTER_PROGRESS_STORED.reached();
    lock.lock();
    try {
      durable = position;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
    WalStream session = wal;
    if (session != null) {
      session.confirm(position);
    }
    return true;
  }
}
