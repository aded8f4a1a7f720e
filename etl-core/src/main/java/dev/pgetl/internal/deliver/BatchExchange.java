package dev.pgetl.internal.deliver;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.wal.Lsn;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a reader and its delivery meet. The reader fills the open batch without any lock; before it
 * waits for the server, or when the destination is idle, it <em>offers</em> the batch. What nobody
 * has taken yet grows by what is offered next. So a batch is small and leaves at once while the
 * destination is idle, and large under load, and at most two batches' worth is in memory: one being
 * delivered, one being gathered.
 *
 * <p>The first group of methods belongs to the reader's thread, the second to the delivery's, the
 * third to any.
 */
public final class BatchExchange {
  /** Events after which a busy reader looks whether the destination is idle. */
  private static final int EAGER_SIZE = 256;

  /**
   * How long a position alone, without events, waits before it is stored. A store in the source
   * moves the position by storing it; that must not go on for ever at every tick.
   */
  private static final long POSITION_DELAY_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** How long it waits if it is far ahead: the server keeps WAL for us. */
  private static final long FAR_DELAY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long FAR_BYTES = 1 << 20;

  private final BatchConfig limits;
  private final ByteBudget budget;
  private final ByteBudget.Share share;
  private final LongSupplier nanoTime;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private @Nullable EventBatch open;
  private boolean overBudget;

  private volatile boolean idle;
  private volatile int offeredSize;
  private volatile long offeredBytes;
  private @Nullable EventBatch offered;
  private boolean timed;
  private boolean readerWaits;
  private boolean delivering;
  private long deliveringBytes;
  private Lsn taken = Lsn.ZERO;
  private boolean settled = true;
  private boolean draining;
  private boolean closed;
  private long lastDoneNanos;
  private @Nullable EtlException failure;

  /**
   * Creates an exchange.
   *
   * @param limits of a batch
   * @param budget where its bytes count
   * @param nanoTime a running clock
   */
  public BatchExchange(BatchConfig limits, ByteBudget budget, LongSupplier nanoTime) {
    this.limits = limits;
    this.budget = budget;
    this.share = budget.open();
    this.nanoTime = nanoTime;
    this.lastDoneNanos = nanoTime.getAsLong() - POSITION_DELAY_NANOS;
  }

  /**
   * Adds an event to the open batch.
   *
   * @param event the event
   * @param bytes what it keeps in memory
   */
  public void add(Event event, int bytes) {
    EventBatch batch = open();
    batch.add(event, bytes, batch.isFirst() ? nanoTime.getAsLong() : 0);
    overBudget = !share.take(bytes);
  }

  /**
   * Everything up to a position has been added, and no transaction is open.
   *
   * @param position the position
   */
  public void boundary(Lsn position) {
    open().boundary(position);
  }

  /** {@return whether the reader must stop until {@link #awaitRoom}} */
  public boolean isFull() {
    EventBatch batch = open;
    return batch != null
        && ((overBudget && batch.bytes() + offeredBytes >= ByteBudget.SMALL)
            || batch.size() + offeredSize >= limits.maxSize()
            || batch.bytes() + offeredBytes >= limits.maxBytes());
  }

  /** {@return whether the open batch is worth offering while there is still more to read} */
  public boolean isDue() {
    EventBatch batch = open;
    return idle && batch != null && batch.size() >= EAGER_SIZE;
  }

  /** Makes the open batch available to the delivery. */
  public void offer() {
    EventBatch batch = open;
    if (batch == null) {
      return;
    }
    open = null;
    lock.lock();
    try {
      merge(batch);
      if (batch.hasEvents() || draining || !timed || (offered != null && isFar(offered))) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void merge(EventBatch batch) {
    if (offered == null) {
      setOffered(batch);
    } else {
      offered.append(batch);
      setOffered(offered);
    }
  }

  private void setOffered(@Nullable EventBatch batch) {
    offered = batch;
    offeredSize = batch == null ? 0 : batch.size();
    offeredBytes = batch == null ? 0 : batch.bytes();
  }

  /**
   * Waits until the offered batch has been taken; it cannot grow meanwhile, so it is due at once.
   *
   * @param nanos how long at most
   * @return whether it was
   */
  public boolean awaitRoom(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      readerWaits = true;
      changed.signalAll();
      long left = nanos;
      while (offered != null && failure == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      throwFailure();
      return offered == null;
    } finally {
      readerWaits = false;
      lock.unlock();
    }
  }

  /**
   * Does nothing while the delivery works.
   *
   * @throws EtlException if it has ended
   */
  public void checkDelivery() {
    lock.lock();
    try {
      throwFailure();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Drops the events of a transaction that will not be read to its end in this session; the rest is
   * offered.
   */
  public void dropOpenTransaction() {
    offer();
    lock.lock();
    try {
      EventBatch batch = offered;
      if (batch != null) {
        budget.giveBack(batch.dropOpenTransaction());
        setOffered(batch);
      }
    } finally {
      lock.unlock();
    }
  }

  private EventBatch open() {
    EventBatch batch = open;
    if (batch == null) {
      batch = new EventBatch();
      open = batch;
    }
    return batch;
  }

  /**
   * Takes the offered batch once it is due.
   *
   * @param nanos how long to wait at most
   * @return the batch, or null if there is none, everything shall be settled, or the exchange is
   *     closed
   */
  @Nullable EventBatch take(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (true) {
        EventBatch batch = offered;
        long untilDue = batch == null ? Long.MAX_VALUE : nanosUntilDue(batch);
        if (batch != null && untilDue <= 0) {
          beginDelivery(batch);
          return batch;
        }
        if (left <= 0 || (batch == null && (closed || (draining && !settled)))) {
          return null;
        }
        idle = true;
        timed = batch != null;
        long wait = Math.min(left, untilDue);
        left -= wait - changed.awaitNanos(wait);
        timed = false;
      }
    } finally {
      lock.unlock();
    }
  }

  private void beginDelivery(EventBatch batch) {
    setOffered(null);
    delivering = true;
    deliveringBytes = batch.bytes();
    taken = Objects.requireNonNullElse(batch.boundary(), taken);
    idle = false;
    changed.signalAll();
  }

  private long nanosUntilDue(EventBatch batch) {
    if (draining || closed || readerWaits || full(batch)) {
      return 0;
    }
    long now = nanoTime.getAsLong();
    if (batch.hasEvents()) {
      return batch.firstNanos() + limits.maxFill().toNanos() - now;
    }
    return lastDoneNanos + (isFar(batch) ? FAR_DELAY_NANOS : POSITION_DELAY_NANOS) - now;
  }

  private boolean isFar(EventBatch batch) {
    Lsn position = batch.boundary();
    return position != null && position.value() - taken.value() >= FAR_BYTES;
  }

  private boolean full(EventBatch batch) {
    return batch.size() >= limits.maxSize() || batch.bytes() >= limits.maxBytes();
  }

  /**
   * The batch taken last has been delivered; {@code nowSettled} says whether everything so far is
   * durable and remembered.
   */
  void done(boolean nowSettled) {
    lock.lock();
    try {
      giveBackDelivering();
      settled = nowSettled;
      lastDoneNanos = nanoTime.getAsLong();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void giveBackDelivering() {
    if (delivering) {
      delivering = false;
      budget.giveBack(deliveringBytes);
    }
  }

  /** Everything accepted has been made durable and is remembered. */
  void settled() {
    lock.lock();
    try {
      settled = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The delivery has ended and will not come back. */
  void fail(EtlException cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      giveBackDelivering();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The delivery was interrupted or died: nobody waits for it any more. */
  void abandon() {
    fail(new EtlException(ErrorKind.INTERNAL, "delivery ended before everything was delivered"));
  }

  /**
   * Waits between two attempts; true if the time passed, false if the exchange was closed
   * meanwhile.
   */
  boolean pause(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (left > 0 && !closed) {
        left = changed.awaitNanos(left);
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until everything offered is durable and remembered. From now on nothing waits for more:
   * batches, positions and accepted data go at once.
   *
   * @param nanos how long at most
   * @return whether it is
   * @throws EtlException if the delivery has failed
   */
  public boolean drain(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      draining = true;
      changed.signalAll();
      long left = nanos;
      while ((offered != null || delivering || !settled) && failure == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      throwFailure();
      return offered == null && !delivering && settled;
    } finally {
      draining = false;
      lock.unlock();
    }
  }

  /** Stores positions that came without events at once, now. */
  public void hurry() {
    lock.lock();
    try {
      lastDoneNanos = nanoTime.getAsLong() - POSITION_DELAY_NANOS;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more will be offered: the delivery ends after what is there. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Gives back the bytes of what will not be delivered; reader and delivery have ended. */
  public void discard() {
    lock.lock();
    try {
      giveBackDelivering();
      giveBack(open);
      giveBack(offered);
      open = null;
      setOffered(null);
      share.close();
    } finally {
      lock.unlock();
    }
  }

  private void giveBack(@Nullable EventBatch batch) {
    if (batch != null) {
      budget.giveBack(batch.bytes());
    }
  }

  private void throwFailure() {
    if (failure != null) {
      throw failure;
    }
  }
}
