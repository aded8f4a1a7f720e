package dev.pgetl.internal.runtime;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the workers of tables that are not with the main stream yet, so many at a time. Thread-safe.
 */
final class SyncScheduler {
  private static final Logger LOG = LoggerFactory.getLogger(SyncScheduler.class);
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(1);

  /** A table's worker and what it does. */
  private record Running(Worker worker, TableSync sync) {}

  private final Services services;
  private final Worker.Factory workers;
  private final ApplyStream apply;
  private final TableFailures failures;
  private final Object lock = new Object();
  private final Queue<TableId> waiting = new ArrayDeque<>();
  private final Map<TableId, Running> running = new HashMap<>();
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

  /** Tries an errored table again, from where it was. */
  void retry(TableId table) {
    if (services.states().phase(table) instanceof Errored) {
      TableReplicationPhase phase = services.states().rollback(table);
      boolean resumable =
          phase instanceof Init || phase instanceof DataSync || phase instanceof FinishedCopy;
      if (!resumable) {
        services.states().set(table, new Init());
      }
      schedule(table);
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
    TableSync sync = new TableSync(services, workers, apply, table);
    running.put(table, new Running(workers.start("sync-" + table, () -> run(table, sync)), sync));
  }

  private void run(TableId table, TableSync sync) throws InterruptedException {
    try {
      sync.run();
    } catch (EtlException e) {
      failed(table, sync, e);
    } catch (RuntimeException e) {
      failed(
          table,
          sync,
          new EtlException(ErrorKind.INTERNAL, "synchronising table " + table + " failed", e));
    } finally {
      ended(table);
    }
  }

  private void failed(TableId table, TableSync sync, EtlException failure) {
    if (sync.isStopped()) {
      LOG.debug("worker of table {} failed while stopping", table, failure);
      return;
    }
    LOG.warn("worker of table {} failed", services.states().name(table), failure);
    if (failure.kind() == ErrorKind.SLOT_LOST && services.states().phase(table) != null) {
      services.handOver().leave(table);
      services.states().set(table, new Init());
    }
    try {
      failures.failed(table, failure.kind() == ErrorKind.SLOT_LOST ? again(failure) : failure);
      if (isLeftToAPerson(services.states().phase(table))) {
        sync.dropSlot();
      }
    } catch (EtlException e) {
      LOG.error(
          "the failure of table {} could not be stored; it is tried again at the next start",
          table,
          e);
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
    synchronized (lock) {
      running.remove(table);
      lock.notifyAll();
      startWaiting();
    }
  }

  /**
   * Ends the worker of a table, if there is one, and waits for it. A worker whose destination does
   * not even answer an interrupt is left alone: it does nothing more, and the table's next worker
   * starts when it has ended.
   */
  void cancel(TableId table) throws InterruptedException {
    Running cancelled;
    synchronized (lock) {
      waiting.remove(table);
      cancelled = running.get(table);
    }
    if (cancelled != null) {
      cancelled.sync.stop();
      Duration patience = services.config().shutdownTimeout();
      if (!cancelled.worker.await(patience.toNanos())) {
        cancelled.sync.giveUp();
        cancelled.worker.interrupt();
        if (!cancelled.worker.await(LAST_PATIENCE.toNanos())) {
          LOG.warn(
              "table {}: the destination does not answer; nothing happens to the table until it does",
              services.states().name(table));
        }
      }
    }
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
    long until = services.nanoTime().getAsLong() + nanos;
    synchronized (lock) {
      while (!running.isEmpty()) {
        long left = (until - services.nanoTime().getAsLong()) / 1_000_000;
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
