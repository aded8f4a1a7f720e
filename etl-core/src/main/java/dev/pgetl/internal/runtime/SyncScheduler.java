package dev.pgetl.internal.runtime;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
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

  /** Held by whoever decides that a table begins anew, so that two do not decide at once. */
  private final ReentrantLock decision = new ReentrantLock();

  private final Object lock = new Object();
  private final Queue<TableId> waiting = new ArrayDeque<>();
  private final Map<TableId, Running> running = new HashMap<>();
  private final Set<TableId> startOverAtEnd = new HashSet<>();
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

  /** Tries a table that failed again, from where it was; later, if the store is away. */
  void retry(TableId table) {
    decision.lock();
    try {
      if (!isRunning(table) && goesBack(table)) {
        schedule(table);
      }
    } catch (EtlException e) {
      if (e.retry() != RetryDirective.TIMED || isWithMainStream(services.states().phase(table))) {
        throw e;
      }
      failures.again(table, e);
    } finally {
      decision.unlock();
    }
  }

  private boolean isRunning(TableId table) {
    synchronized (lock) {
      return running.containsKey(table);
    }
  }

  /** {@return whether there is something left to do, from the phase the table is in now} */
  private boolean goesBack(TableId table) {
    TableReplicationPhase phase = services.states().phase(table);
    if (phase instanceof Errored) {
      if (!isResumable(services.states().rollback(table))) {
        services.states().set(table, new Init());
      }
      return true;
    }
    if (phase instanceof SyncWait || phase instanceof Catchup) {
      // These two live in memory: its failure could not be stored, the end of its copy could.
      services.states().set(table, new FinishedCopy());
      return true;
    }
    return isResumable(phase);
  }

  private static boolean isResumable(@Nullable TableReplicationPhase phase) {
    return phase instanceof Init || phase instanceof DataSync || phase instanceof FinishedCopy;
  }

  private static boolean isWithMainStream(@Nullable TableReplicationPhase phase) {
    return phase instanceof SyncDone || phase instanceof Ready;
  }

  /**
   * Copies a table again. While the destination hangs in a call of the table's worker that cannot
   * begin: two writers would get in each other's way. It begins when the call returns.
   */
  void startOver(TableId table) throws InterruptedException {
    decision.lockInterruptibly();
    try {
      if (cancel(table) || !waitForEnd(table)) {
        begin(table);
      } else {
        LOG.warn(
            "table {} is copied again once the destination has answered",
            services.states().name(table));
      }
    } finally {
      decision.unlock();
    }
  }

  /** {@return false if the table's worker has ended meanwhile} */
  private boolean waitForEnd(TableId table) {
    synchronized (lock) {
      boolean runs = running.containsKey(table);
      if (runs) {
        startOverAtEnd.add(table);
      }
      return runs;
    }
  }

  private void begin(TableId table) {
    services.states().forgetFailures(table);
    services.handOver().leave(table);
    services.states().set(table, new Init());
    schedule(table);
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
    EtlException storeAway = null;
    try {
      sync.run();
    } catch (EtlException e) {
      storeAway = failed(table, sync, e);
    } catch (RuntimeException e) {
      storeAway =
          failed(
              table,
              sync,
              new EtlException(ErrorKind.INTERNAL, "synchronising table " + table + " failed", e));
    } finally {
      ended(table);
    }
    if (storeAway != null) {
      failures.again(table, storeAway);
    }
  }

  /** {@return why the failure could not be stored, if that may be otherwise after a while} */
  private @Nullable EtlException failed(TableId table, TableSync sync, EtlException failure) {
    if (sync.isStopped()) {
      LOG.debug("worker of table {} failed while stopping", table, failure);
      return null;
    }
    LOG.warn("worker of table {} failed", services.states().name(table), failure);
    try {
      if (failure.kind() == ErrorKind.SLOT_LOST && services.states().phase(table) != null) {
        services.handOver().leave(table);
        services.states().set(table, new Init());
      }
      failures.failed(table, failure.kind() == ErrorKind.SLOT_LOST ? again(failure) : failure);
      if (isLeftToAPerson(services.states().phase(table))) {
        sync.dropSlot();
      }
      return null;
    } catch (EtlException e) {
      LOG.error("the failure of table {} could not be stored", services.states().name(table), e);
      return e.retry() == RetryDirective.TIMED ? e : null;
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
      again = startOverAtEnd.remove(table) && !stopped;
      lock.notifyAll();
      startWaiting();
    }
    if (again) {
      begin(table);
    }
  }

  /**
   * Ends the worker of a table.
   *
   * @return whether there is none any more; if not, the destination hangs in a call it made
   */
  boolean cancel(TableId table) throws InterruptedException {
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
