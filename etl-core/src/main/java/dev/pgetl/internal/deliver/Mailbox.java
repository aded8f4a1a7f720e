package dev.pgetl.internal.deliver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a reader leaves batches for its delivery. It holds one offered batch; what the reader
 * offers before the delivery has taken it makes that batch larger.
 *
 * <p>Thread-safe. The methods stand in three groups: for the reader's thread, for the delivery's
 * thread, for any thread.
 */
public final class Mailbox {
  /** How urgent the delivery is. Each state is more urgent than the one before. */
  private enum State {
    /** An offered batch may wait for more. */
    OPEN,
    /** The reader waits until the offered batch is taken; it cannot grow, so it is due at once. */
    NEEDS_ROOM,
    /** The reader waits until everything is durable; nothing waits for more. */
    DRAINING,
    /** Nothing more is offered; the delivery ends after what is there. */
    CLOSED,
    /** The delivery has ended too early. */
    FAILED
  }

  /**
   * What the reader sees without the lock.
   *
   * @param idle whether the delivery waits for a batch
   * @param size events in the offered batch
   * @param bytes their bytes
   */
  record View(boolean idle, int size, long bytes) {
    private static final View BUSY_AND_EMPTY = new View(false, 0, 0);

    private View withIdle() {
      return idle ? this : new View(true, size, bytes);
    }

    private View withOffered(EventBatch batch) {
      return new View(idle, batch.size(), batch.bytes());
    }
  }

  private final BatchConfig limits;
  private final ByteBudget budget;
  private final Ticker ticker;
  private final Lock lock;
  private final Condition changed;

  private volatile View view = View.BUSY_AND_EMPTY;

  @GuardedBy("lock")
  private final BoundaryDelay boundaryDelay;

  @GuardedBy("lock")
  private State state = State.OPEN;

  @GuardedBy("lock")
  private @Nullable EventBatch offered;

  @GuardedBy("lock")
  private long bytesTaken;

  /** Whether everything taken is durable. */
  @GuardedBy("lock")
  private boolean durable = true;

  @GuardedBy("lock")
  private @Nullable EtlException failure;

  /**
   * Creates an empty mailbox.
   *
   * @param limits of a batch
   * @param budget where its bytes count
   * @param platform time and locks
   */
  public Mailbox(BatchConfig limits, ByteBudget budget, Platform platform) {
    this.limits = limits;
    this.budget = budget;
    this.ticker = platform;
    this.lock = platform.newLock();
    this.changed = lock.newCondition();
    this.boundaryDelay = new BoundaryDelay(platform.nanos());
  }

  // For the reader's thread.

  View view() {
    return view;
  }

  /** Makes a batch available to the delivery; the reader does not touch it any more. */
  void offer(EventBatch batch) {
    lock.lock();
    try {
      EventBatch earlier = offered;
      if (earlier == null) {
        setOffered(batch);
      } else {
        earlier.append(batch);
        setOffered(earlier);
      }
      if (earlier == null || batch.hasEvents() || boundaryDelay.isFar(earlier)) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void setOffered(EventBatch batch) {
    offered = batch;
    view = view.withOffered(batch);
  }

  /** Drops the offered events behind the last boundary. */
  void dropOpenTransaction() {
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

  /** {@return whether the offered batch was taken in time} */
  boolean awaitRoom(long nanos) throws InterruptedException {
    return await(State.NEEDS_ROOM, nanos);
  }

  /**
   * Waits until everything offered is durable. Until then nothing waits for more: batches,
   * boundaries and accepted data go at once.
   *
   * @param nanos how long at most
   * @return whether it is
   * @throws EtlException if the delivery has failed
   */
  public boolean drain(long nanos) throws InterruptedException {
    return await(State.DRAINING, nanos);
  }

  private boolean await(State wanted, long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      beginWait(wanted);
      try {
        long left = nanos;
        while (!isOver(wanted) && failure == null && left > 0) {
          left = changed.awaitNanos(left);
        }
      } finally {
        endWait(wanted);
      }
      throwFailure();
      return isOver(wanted);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void beginWait(State wanted) {
    if (state == State.NEEDS_ROOM || state == State.DRAINING) {
      throw new IllegalStateException("only the reader may wait, and it waits already");
    }
    if (state == State.OPEN) {
      state = wanted;
      changed.signalAll();
    }
  }

  @GuardedBy("lock")
  private void endWait(State wanted) {
    if (state == wanted) {
      state = State.OPEN;
    }
  }

  @GuardedBy("lock")
  private boolean isOver(State wanted) {
    return offered == null && (durable || wanted != State.DRAINING);
  }

  /**
   * Does nothing while the delivery works.
   *
   * @throws EtlException if it has failed
   */
  void checkDelivery() {
    lock.lock();
    try {
      throwFailure();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void throwFailure() {
    if (failure != null) {
      throw failure;
    }
  }

  // For the delivery's thread.

  /**
   * Takes the offered batch once it is due.
   *
   * @param nanos how long to wait at most
   * @param asked whether other work comes first
   * @return the batch; null if there is none, and what was taken has to become durable now
   */
  @Nullable EventBatch take(long nanos, BooleanSupplier asked) throws InterruptedException {
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
        if (left <= 0 || asked.getAsBoolean() || (batch == null && mustBecomeDurable())) {
          return null;
        }
        view = view.withIdle();
        long wait = Math.min(left, untilDue);
        left -= wait - changed.awaitNanos(wait);
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private long nanosUntilDue(EventBatch batch) {
    if (state != State.OPEN
        || batch.size() >= limits.maxSize()
        || batch.bytes() >= limits.maxBytes()) {
      return 0;
    }
    long dueAt =
        batch.hasEvents()
            ? batch.firstNanos() + limits.maxFill().toNanos()
            : boundaryDelay.dueAt(batch);
    return dueAt - ticker.nanos();
  }

  @GuardedBy("lock")
  private boolean mustBecomeDurable() {
    return switch (state) {
      case OPEN, NEEDS_ROOM -> false;
      case DRAINING -> !durable;
      case CLOSED, FAILED -> true;
    };
  }

  @GuardedBy("lock")
  private void beginDelivery(EventBatch batch) {
    offered = null;
    view = View.BUSY_AND_EMPTY;
    bytesTaken = batch.bytes();
    durable = false;
    boundaryDelay.taken(batch);
    changed.signalAll();
  }

  /**
   * The batch taken last has been delivered.
   *
   * @param nowDurable whether everything taken is durable
   */
  void done(boolean nowDurable) {
    lock.lock();
    try {
      giveBackTaken();
      durable = nowDurable;
      boundaryDelay.delivered(ticker.nanos());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void giveBackTaken() {
    budget.giveBack(bytesTaken);
    bytesTaken = 0;
  }

  /** Everything taken is durable. */
  void durable() {
    lock.lock();
    try {
      durable = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The delivery has ended too early; the first cause counts. */
  void fail(EtlException cause) {
    lock.lock();
    try {
      if (failure == null) {
        state = State.FAILED;
        failure = cause;
      }
      giveBackTaken();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether the mailbox was closed in time} */
  boolean awaitClose(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (state != State.CLOSED && left > 0) {
        left = changed.awaitNanos(left);
      }
      return state == State.CLOSED;
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return state == State.CLOSED;
    } finally {
      lock.unlock();
    }
  }

  // For any thread.

  /** Makes an offered boundary without events due at once. */
  public void hurry() {
    lock.lock();
    try {
      boundaryDelay.skip(ticker.nanos());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more will be offered: the delivery ends after what is there. */
  public void close() {
    lock.lock();
    try {
      if (state != State.FAILED) {
        state = State.CLOSED;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Gives back the bytes of what will not be delivered; reader and delivery have ended. */
  void discard() {
    lock.lock();
    try {
      giveBackTaken();
      if (offered != null) {
        budget.giveBack(offered.bytes());
        offered = null;
      }
      view = View.BUSY_AND_EMPTY;
    } finally {
      lock.unlock();
    }
  }
}
