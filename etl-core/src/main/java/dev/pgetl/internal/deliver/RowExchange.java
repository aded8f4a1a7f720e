package dev.pgetl.internal.deliver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.OwnedBy;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.row.RowMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections that copy a table meet the one thread that writes it: each connection fills
 * a batch of its own and hands it over whole; at most one batch per connection waits. Once one of
 * them has failed, or the writer has left, connections that bring more are interrupted.
 *
 * <p>Thread-safe; {@link #take} and {@link #written} are for the writer's thread.
 */
public final class RowExchange {
  /** Rows of a copy that does not go by ranges. */
  public static final int NO_RANGE = -1;

  private final BatchConfig limits;
  private final ByteBudget budget;
  private final int columns;
  private final int capacity;
  private final Lock lock;
  private final Condition changed;

  @GuardedBy("lock")
  private final Queue<Batch> waiting = new ArrayDeque<>();

  /** Connections that have not been closed. */
  @GuardedBy("lock")
  private int open;

  @GuardedBy("lock")
  private long bytesTaken;

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private @Nullable Throwable failure;

  /**
   * Rows of one connection.
   *
   * @param rows the rows
   * @param wireBytes their bytes as Postgres sent them
   * @param bytes what they keep in memory
   * @param range the range of the key they are of; {@link #NO_RANGE} for none
   * @param last whether they are the last ones of the range
   */
  public record Batch(List<TableRow> rows, long wireBytes, long bytes, int range, boolean last) {
    /** Rows that are of no range. */
    public Batch(List<TableRow> rows, long wireBytes, long bytes) {
      this(rows, wireBytes, bytes, NO_RANGE, false);
    }

    /** {@return whether they are rows of a range} */
    public boolean isOfRange() {
      return range != NO_RANGE;
    }
  }

  /**
   * Creates an exchange.
   *
   * @param limits of a batch
   * @param budget where bytes count
   * @param platform its locks
   * @param columns how many a row has
   * @param connections how many connections fill batches
   */
  public RowExchange(
      BatchConfig limits, ByteBudget budget, Platform platform, int columns, int connections) {
    this.limits = limits;
    this.budget = budget;
    this.lock = platform.newLock();
    this.changed = lock.newCondition();
    this.columns = columns;
    this.capacity = connections;
    this.open = connections;
  }

  /** {@return a batcher for one connection} */
  public Batcher batcher() {
    return new Batcher();
  }

  /** Gathers the rows of one connection; owned by its thread. */
  public final class Batcher {
    private final ByteBudget.Share share = budget.open();

    @OwnedBy("connection")
    private List<TableRow> rows = new ArrayList<>();

    @OwnedBy("connection")
    private long wireBytes;

    @OwnedBy("connection")
    private long bytes;

    @OwnedBy("connection")
    private int range = NO_RANGE;

    @OwnedBy("connection")
    private boolean finished;

    private Batcher() {}

    /**
     * Adds a row; waits while the writer does not keep up.
     *
     * @param row the row
     * @param rowBytes its bytes as Postgres sent them
     */
    public void add(TableRow row, int rowBytes) throws InterruptedException {
      int size = RowMemory.of(rowBytes, columns);
      rows.add(row);
      wireBytes += rowBytes;
      bytes += size;
      boolean room = share.take(size);
      if ((!room && bytes >= ByteBudget.SMALL)
          || bytes >= limits.maxBytes()
          || rows.size() >= limits.maxSize()) {
        handOver(false);
      }
    }

    /** The rows that follow are of a range; all before were handed over. */
    public void begin(int next) {
      range = next;
    }

    /** Hands over the last rows of the range, also if there are none. */
    public void end() throws InterruptedException {
      handOver(true);
      range = NO_RANGE;
    }

    /** Hands over what is left; the connection has no more rows. */
    public void finish() throws InterruptedException {
      if (!rows.isEmpty()) {
        handOver(false);
      }
      finished = true;
    }

    /** The connection is done; if it has not finished, the copy is not complete and fails. */
    public void close() {
      budget.giveBack(bytes);
      bytes = 0;
      share.close();
      ended(finished);
    }

    private void handOver(boolean last) throws InterruptedException {
      enqueue(new Batch(rows, wireBytes, bytes, range, last));
      rows = new ArrayList<>();
      wireBytes = 0;
      bytes = 0;
    }
  }

  private void ended(boolean finished) {
    if (!finished) {
      fail(
          new EtlException(
              ErrorKind.INTERNAL, "a connection of the copy ended before its last row"));
    }
    lock.lock();
    try {
      open--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(Batch batch) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.size() >= capacity && failure == null && !closed) {
        changed.await();
      }
      if (failure != null || closed) {
        throw new InterruptedException("the copy has ended");
      }
      waiting.add(batch);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A connection or the writer failed: all stop; the first cause counts.
   *
   * @param cause why
   */
  public void fail(Throwable cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the next batch.
   *
   * @return the batch; null when all connections have finished or one has failed, see {@link
   *     #failure}
   */
  public @Nullable Batch take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && open > 0 && failure == null) {
        changed.await();
      }
      Batch batch = failure == null ? waiting.poll() : null;
      if (batch != null) {
        bytesTaken += batch.bytes();
      }
      changed.signalAll();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** {@return why a connection failed; null if none did} */
  public @Nullable Throwable failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  /** What was taken has been written. */
  public void written() {
    lock.lock();
    try {
      giveBackTaken();
    } finally {
      lock.unlock();
    }
  }

  /** The writer takes no more: gives back what it will not write. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      giveBackTaken();
      waiting.forEach(batch -> budget.giveBack(batch.bytes()));
      waiting.clear();
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
}
