package dev.pgetl.internal.runtime.rows;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Unexpected;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.worker.Worker;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something for one table after another, on a thread of its own. A table for which that takes
 * much longer than for the others keeps the thread, and its result does not count; the others are
 * continued by a new thread. Used once, by one thread, which waits in {@link #run}; {@link #giveUp}
 * is for any thread.
 *
 * @param <R> the result for one table
 */
final class TurnByTurn<R> {
  private static final Logger LOG = LoggerFactory.getLogger(TurnByTurn.class);
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * What is done for a table.
   *
   * @param <R> its result
   */
  @FunctionalInterface
  interface Act<R> {
    /** {@return the result} What it throws ends the whole. */
    R make(Table table) throws InterruptedException;
  }

  private final Worker.Factory workers;
  private final String role;
  private final Act<R> act;
  private final AnswerTimes times;
  private final ToLongFunction<Table> sizes;
  private final Predicate<Table> left;
  private final Consumer<Table> released;
  private final Lock lock;

  @GuardedBy("lock")
  private final Iterator<Table> waiting;

  @GuardedBy("lock")
  private final Map<Table, R> results = new LinkedHashMap<>();

  @GuardedBy("lock")
  private @Nullable Table current;

  @GuardedBy("lock")
  private long since;

  @GuardedBy("lock")
  private @Nullable Throwable failure;

  private volatile @Nullable Lane lane;

  /**
   * Creates it; nothing is done yet.
   *
   * @param role part of the threads' names
   * @param tables in this order
   * @param times how long one may take
   * @param sizes how many bytes the destination gets for a table
   * @param left answers whether a table may be left to its thread, where no further call begins
   * @param released receives it once that thread is done with it
   */
  TurnByTurn(
      Worker.Factory workers,
      String role,
      List<Table> tables,
      Act<R> act,
      AnswerTimes times,
      ToLongFunction<Table> sizes,
      Predicate<Table> left,
      Consumer<Table> released) {
    this.workers = workers;
    this.role = role;
    this.waiting = List.copyOf(tables).iterator();
    this.act = act;
    this.times = times;
    this.sizes = sizes;
    this.left = left;
    this.released = released;
    this.lock = workers.platform().newLock();
  }

  /** A thread that works until there is no table left, or until it is left with one. */
  private final class Lane {
    private final Worker worker = workers.start(role, this::work);

    private void work() {
      for (Table table = begin(this); table != null; table = begin(this)) {
        if (!turn(this, table)) {
          released.accept(table);
          return;
        }
      }
    }
  }

  // ---- on the thread that waits ----

  /**
   * {@return the results} Tables that were left behind have none.
   *
   * @throws InterruptedException if this thread was interrupted, or a turn was
   */
  Map<Table, R> run() throws InterruptedException {
    Lane working = start();
    try {
      while (!working.worker.await(TICK_NANOS)) {
        working = isLeft(working, false) ? start() : working;
      }
    } catch (InterruptedException e) {
      working.worker.interrupt();
      if (!isLeft(working, true)) {
        working.worker.awaitUninterruptibly();
      }
      throw e;
    }
    return results();
  }

  /** Its first look at {@link #lane} waits for the lock, so the thread finds itself there. */
  private Lane start() {
    lock.lock();
    try {
      Lane started = new Lane();
      lane = started;
      return started;
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether the thread has taken too long, or all is over, and keeps its table} */
  private boolean isLeft(Lane working, boolean over) {
    lock.lock();
    try {
      Table table = current;
      long nanos = times.now() - since;
      if (table == null
          || !(over || nanos >= times.patience(sizes.applyAsLong(table)))
          || !left.test(table)) {
        return false;
      }
      EtlException silent = silent(table, nanos);
      LOG.warn("{}; the other small tables are continued without it", silent.getMessage());
      if (!over) {
        table.trouble().failed(silent, 1, null);
      }
      table.syncRun(new HangingRun(working.worker));
      current = null;
      lane = null;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static EtlException silent(Table table, long nanos) {
    return new EtlException(
        ErrorKind.DESTINATION_UNAVAILABLE,
        "the destination has not answered for %d ms while table %s is copied"
            .formatted(TimeUnit.NANOSECONDS.toMillis(nanos), table.name()));
  }

  private Map<Table, R> results() throws InterruptedException {
    lock.lock();
    try {
      if (failure instanceof InterruptedException) {
        throw new InterruptedException(failure.getMessage());
      }
      if (failure != null) {
        throw Unexpected.failure("copying small tables", failure);
      }
      return new LinkedHashMap<>(results);
    } finally {
      lock.unlock();
    }
  }

  // ---- on the thread that works ----

  private @Nullable Table begin(Lane working) {
    lock.lock();
    try {
      if (working != lane || failure != null || !waiting.hasNext()) {
        return null;
      }
      since = times.now();
      current = waiting.next();
      return current;
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether the thread continues; if not, it was left with the table} */
  @SuppressWarnings("IllegalCatch") // it concerns the one who waits
  private boolean turn(Lane working, Table table) {
    try {
      return end(working, table, act.make(table), null);
    } catch (InterruptedException | RuntimeException | Error e) {
      boolean counts = end(working, table, null, e);
      if (!counts) {
        LOG.info("table {} is free: {}", table.name(), Unexpected.failure("its call", e).summary());
      }
      return counts;
    }
  }

  private boolean end(Lane working, Table table, @Nullable R result, @Nullable Throwable problem) {
    lock.lock();
    try {
      if (working != lane) {
        return false;
      }
      current = null;
      failure = problem;
      if (result != null) {
        results.put(table, result);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  // ---- from any thread ----

  /** Interrupts what is being done. */
  void giveUp() {
    Lane working = lane;
    if (working != null) {
      working.worker.interrupt();
    }
  }
}
