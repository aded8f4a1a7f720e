package dev.pgetl.internal.runtime;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.runtime.TableFailures.Retry;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the workers of tables that are not with the main stream yet, so many at a time. Thread-safe.
 */
final class SyncScheduler {
  private static final Logger LOG = LoggerFactory.getLogger(SyncScheduler.class);

  /** How long a table's worker may take to end by itself, and then, after its interruption. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A table's worker and what it does. */
  private record Running(Worker worker, TableSync sync) {}

  private final Services services;
  private final Worker.Factory workers;
  private final ApplyStream apply;
  private final TableFailures failures;

  /**
   * Held by whoever decides that a table begins anew, goes on or is forgotten, so that two do not
   * decide at once.
   */
  private final ReentrantLock decision = new ReentrantLock();

  private final Object lock = new Object();
  private final Queue<TableId> waiting = new ArrayDeque<>();
  private final Map<TableId, Running> running = new HashMap<>();

  /** Tables that were asked to begin anew and have not begun. */
  private final Set<TableId> toStartOver = new HashSet<>();

  private boolean stopped;

  SyncScheduler(
      Services services, Worker.Factory workers, ApplyStream apply, TableFailures failures) {
    this.services = services;
    this.workers = workers;
    this.apply = apply;
    this.failures = failures;
  }

  /** Starts a table's worker as soon as there is room and the one before has ended. */
  void schedule(TableId table) {
    synchronized (lock) {
      if (!stopped && !waiting.contains(table)) {
        waiting.add(table);
        startWaiting();
      }
    }
  }

  /**
   * Tries a table that failed again, from where it was, or begins it anew if that was asked for;
   * later, if the store is away. A retry that is out of date does nothing.
   */
  void retry(TableId table) {
    decision.lock();
    try {
      if (isRunning(table)) {
        return;
      }
      if (isToStartOver(table)) {
        begin(table);
      } else if (isToGoOn(services.states().phase(table))) {
        services.states().resume(table);
        schedule(table);
      }
    } catch (EtlException e) {
      failures.later(table, TableFailures.whenStoreIsBack(e));
    } finally {
      decision.unlock();
    }
  }

  private boolean isRunning(TableId table) {
    synchronized (lock) {
      return running.containsKey(table);
    }
  }

  private boolean isToStartOver(TableId table) {
    synchronized (lock) {
      return toStartOver.contains(table);
    }
  }

  private static boolean isToGoOn(@Nullable TableReplicationPhase phase) {
    return phase != null && !TableStates.isWithMainStream(phase) && !isLeftToAPerson(phase);
  }

  /**
   * Copies a table again. While the destination hangs in a call of the table's worker that cannot
   * begin: two writers would get in each other's way. It begins when the call returns, and when the
   * store is back.
   */
  void startOver(TableId table) throws InterruptedException {
    decision.lockInterruptibly();
    try {
      synchronized (lock) {
        toStartOver.add(table);
      }
      if (cancel(table)) {
        begin(table);
      } else {
        LOG.warn(
            "table {} is copied again once the destination has answered",
            services.states().name(table));
      }
    } catch (EtlException e) {
      failures.later(table, TableFailures.whenStoreIsBack(e));
      LOG.warn(
          "table {} is copied again once the store is back: {}",
          services.states().name(table),
          e.getMessage());
    } finally {
      decision.unlock();
    }
  }

  private void begin(TableId table) {
    services.states().forgetFailures(table);
    services.states().set(table, new Init());
    synchronized (lock) {
      toStartOver.remove(table);
    }
    if (services.states().contains(table)) {
      schedule(table);
    }
  }

  /**
   * Ends the worker of a table, and has the table forgotten.
   *
   * @return false if the destination hangs in a call of the worker: nothing is forgotten then
   */
  boolean forget(TableId table, Runnable forgetting) throws InterruptedException {
    decision.lockInterruptibly();
    try {
      if (!cancel(table)) {
        return false;
      }
      forgetting.run();
      synchronized (lock) {
        toStartOver.remove(table);
      }
      return true;
    } finally {
      decision.unlock();
    }
  }

  private void startWaiting() {
    Iterator<TableId> next = waiting.iterator();
    while (!stopped && next.hasNext() && running.size() < services.config().maxTableSyncWorkers()) {
      TableId table = next.next();
      if (!running.containsKey(table)) {
        next.remove();
        start(table);
      }
    }
  }

  private void start(TableId table) {
    Worker.Factory own = workers.of(services.states().name(table));
    TableSync sync = new TableSync(services, own, apply, table);
    running.put(table, new Running(own.start("sync-" + table, () -> run(table, sync)), sync));
  }

  private void run(TableId table, TableSync sync) throws InterruptedException {
    Retry retry = null;
    try {
      sync.run();
    } catch (EtlException e) {
      retry = failed(table, sync, e);
    } catch (InterruptedException e) {
      if (sync.isStopped()) {
        throw e;
      }
      retry = failed(table, sync, internal(table, "was interrupted by an extension", e));
    } catch (RuntimeException e) {
      retry = failed(table, sync, internal(table, "failed", e));
    } finally {
      ended(table);
    }
    if (retry != null) {
      failures.later(table, retry);
    }
  }

  private static EtlException internal(TableId table, String what, Exception cause) {
    return new EtlException(ErrorKind.INTERNAL, "synchronising table " + table + " " + what, cause);
  }

  /** {@return when to try again; null for not at all} */
  private @Nullable Retry failed(TableId table, TableSync sync, EtlException failure) {
    if (sync.isStopped()) {
      LOG.debug("worker of table {} failed while stopping", table, failure);
      return null;
    }
    LOG.warn("worker of table {} failed", services.states().name(table), failure);
    if (TableStates.isWithMainStream(services.states().phase(table))) {
      return null; // its work was done, at most a slot is left
    }
    try {
      if (failure.kind() == ErrorKind.SLOT_LOST && services.states().phase(table) != null) {
        services.states().set(table, new Init());
      }
      Retry retry =
          failures.failed(table, failure.kind() == ErrorKind.SLOT_LOST ? again(failure) : failure);
      if (isLeftToAPerson(services.states().phase(table))) {
        sync.dropSlot();
      }
      return retry;
    } catch (EtlException e) {
      LOG.error("the failure of table {} could not be stored", services.states().name(table), e);
      return TableFailures.whenStoreIsBack(e);
    }
  }

  /** {@return whether a table comes back only by being copied again, and so needs no slot} */
  static boolean isLeftToAPerson(@Nullable TableReplicationPhase phase) {
    return phase instanceof Errored errored && errored.retryDirective() != RetryDirective.TIMED;
  }

  /** A table's own slot is gone: nothing is lost, the table is copied again. */
  private static EtlException again(EtlException failure) {
    return new EtlException(
        ErrorKind.SOURCE_FAILED, failure.summary() + "; the table is copied again", failure);
  }

  private void ended(TableId table) {
    boolean again;
    synchronized (lock) {
      running.remove(table);
      again = toStartOver.contains(table);
      lock.notifyAll();
      startWaiting();
    }
    if (again) {
      failures.atOnce(table);
    }
  }

  /**
   * Ends the worker of a table.
   *
   * @return whether there is none any more; if not, the destination hangs in a call it made
   */
  private boolean cancel(TableId table) throws InterruptedException {
    Running cancelled;
    synchronized (lock) {
      waiting.remove(table);
      cancelled = running.get(table);
    }
    if (cancelled == null) {
      return true;
    }
    cancelled.sync.stop();
    if (cancelled.worker.await(PATIENCE.toNanos())) {
      return true;
    }
    cancelled.sync.giveUp();
    cancelled.worker.interrupt();
    return cancelled.worker.await(PATIENCE.toNanos());
  }

  /** Asks all workers to end; no new one starts. */
  void stop() {
    List<Running> all;
    synchronized (lock) {
      stopped = true;
      waiting.clear();
      all = new ArrayList<>(running.values());
    }
    all.forEach(each -> each.sync.stop());
  }

  /** {@return whether all workers ended in time} */
  boolean await(long nanos) throws InterruptedException {
    long until = services.platform().nanos() + nanos;
    synchronized (lock) {
      while (!running.isEmpty()) {
        long left = (until - services.platform().nanos()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        lock.wait(left);
      }
      return true;
    }
  }

  /** The destination had its time: what hangs is given up. */
  void giveUp() {
    List<Running> all;
    synchronized (lock) {
      all = new ArrayList<>(running.values());
    }
    for (Running each : all) {
      each.sync.giveUp();
      each.worker.interrupt();
    }
  }
}
