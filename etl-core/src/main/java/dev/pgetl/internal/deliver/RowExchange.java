package dev.pgetl.internal.deliver;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections that copy a table meet the one thread that writes it: each connection fills
 * a batch of its own and hands it over whole; at most one batch per connection waits. Once anybody
 * has failed, or the writer has left, connections that bring more are interrupted.
 *
 * <p>{@link #take} and {@link #written} belong to the writer's thread; the other methods are for
 * any.
 */
public final class RowExchange {
  private static final int ROW_OVERHEAD = 80;
  private static final int COLUMN_OVERHEAD = 8;

  private final BatchConfig limits;
  private final ByteBudget budget;
  private final int columns;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Batch> waiting = new ArrayDeque<>();
  private final int capacity;
  private int open;
  private long writing;
  private boolean closed;
  private @Nullable Throwable failure;

  /**
   * Rows of one connection.
   *
   * @param rows the rows
   * @param wireBytes their bytes as Postgres sent them
   * @param bytes what they keep in memory
   */
  public record Batch(List<TableRow> rows, long wireBytes, long bytes) {}

  /**
   * Creates an exchange.
   *
   * @param limits of a batch
   * @param budget where bytes count
   * @param columns how many a row has
   * @param connections how many connections fill batches
   */
  public RowExchange(BatchConfig limits, ByteBudget budget, int columns, int connections) {
    this.limits = limits;
    this.budget = budget;
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
    private List<TableRow> rows = new ArrayList<>();
    private long wireBytes;
    private long bytes;
    private boolean finished;

    private Batcher() {}

    /**
     * Adds a row; waits while the writer does not keep up.
     *
     * @param row the row
     * @param rowBytes its bytes as Postgres sent them
     */
    public void add(TableRow row, int rowBytes) throws InterruptedException {
      int size = rowBytes + ROW_OVERHEAD + columns * COLUMN_OVERHEAD;
      rows.add(row);
      wireBytes += rowBytes;
      bytes += size;
      boolean room = share.take(size);
      if ((!room && bytes >= ByteBudget.SMALL)
          || bytes >= limits.maxBytes()
          || rows.size() >= limits.maxSize()) {
        handOver();
      }
    }

    /** Hands over what is left; the connection has no more rows. */
    public void finish() throws InterruptedException {
      if (!rows.isEmpty()) {
        handOver();
      }
      finished = true;
    }

    /** The connection is done; if it has not finished, the copy is not complete and fails. */
    public void close() {
      budget.giveBack(bytes);
      bytes = 0;
      share.close();
      lock.lock();
      try {
        open--;
        if (!finished && failure == null) {
          failure =
              new EtlException(
                  ErrorKind.INTERNAL, "a connection of the copy ended before its last row");
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private void handOver() throws InterruptedException {
      enqueue(new Batch(rows, wireBytes, bytes));
      rows = new ArrayList<>();
      wireBytes = 0;
      bytes = 0;
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
   * A connection or the writer failed: everybody stops.
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
        writing += batch.bytes();
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
      giveBackWriting();
    } finally {
      lock.unlock();
    }
  }

  /** The writer takes no more, in good order or not: gives back what it will not write. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      giveBackWriting();
      waiting.forEach(batch -> budget.giveBack(batch.bytes()));
      waiting.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void giveBackWriting() {
    budget.giveBack(writing);
    writing = 0;
  }
}
