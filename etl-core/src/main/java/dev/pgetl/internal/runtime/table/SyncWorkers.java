package dev.pgetl.internal.runtime.table;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.deliver.Unexpected;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table.Wish;
import dev.pgetl.internal.runtime.table.TableEvent.Failed;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the sync workers of tables that the apply worker does not own, so many at a time, and
 * decides when a table that failed is retried. Thread-safe.
 */
public final class SyncWorkers {
  private static final Logger LOG = LoggerFactory.getLogger(SyncWorkers.class);

  /** A table is to be retried. */
  private record Retry(EtlException failure, int attempt, Duration delay) {}

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final ApplyProgress apply;
  private final TaskTimer timer;
  private final Lock lock;

  @GuardedBy("lock")
  private final Set<Table> waiting = new LinkedHashSet<>();

  @GuardedBy("lock")
  private int running;

  private volatile boolean stopped;

  /**
   * Creates the workers' office; no worker runs yet.
   *
   * @param timer starts retries
   */
  public SyncWorkers(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      ApplyProgress apply,
      TaskTimer timer) {
    this.context = context;
    this.resources = resources;
    this.tables = tables;
    this.apply = apply;
    this.timer = timer;
    this.lock = context.platform().newLock();
  }

  // ---- starting ----

  /** Starts a table's worker as soon as there is room and the one before has ended. */
  public void schedule(Table table) {
    lock.lock();
    try {
      if (!stopped && waiting.add(table)) {
        startWaiting();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void startWaiting() {
    Iterator<Table> next = waiting.iterator();
    while (!stopped && next.hasNext() && running < context.config().maxTableSyncWorkers()) {
      Table table = next.next();
      if (table.syncRun() == null) {
        next.remove();
        start(table);
      }
    }
  }

  @GuardedBy("lock")
  private void start(Table table) {
    running++;
    StreamResources own = resources.with(resources.workers().of(table.name()));
    TableSync sync = new TableSync(context, own, tables, table, apply);
    Worker worker = own.workers().start("sync-" + table.id(), () -> run(table, sync));
    table.syncRun(new SyncRun(worker, sync));
  }

  /** Continues with a table at the start of the pipeline; the time of a retry has come. */
  public void resume(Table table) {
    if (table.life().mayRetry()) {
      schedule(table);
    }
  }

  /** A retry that is out of date by then does nothing. */
  private void retryAfter(Table table, Duration delay) {
    timer.later(
        delay,
        () -> {
          if (table.wish() == Wish.RESYNC || table.life().mayRetry()) {
            schedule(table);
          }
        });
  }

  // ---- a worker's run, on its own thread ----

  private void run(Table table, TableSync sync) throws InterruptedException {
    Retry retry = null;
    try {
      retry = prepareAndSync(table, sync);
    } finally {
      ended(table);
    }
    if (retry != null) {
      table.trouble().failed(retry.failure, retry.attempt, retry.delay);
      retryAfter(table, retry.delay);
      context.listener().onRetry(retry.failure, retry.attempt, retry.delay);
    }
  }

  @SuppressWarnings("IllegalCatch") // an error concerns the table whose worker met it
  private @Nullable Retry prepareAndSync(Table table, TableSync sync) throws InterruptedException {
    try {
      if (!table.prepareRun()) {
        sync.dropSlot();
        return null;
      }
    } catch (EtlException e) {
      return whenStoreIsBack(e);
    }
    try {
      sync.run();
      return null;
    } catch (InterruptedException e) {
      if (sync.isStopped()) {
        throw e;
      }
      return failed(
          table,
          sync,
          new EtlException(
              ErrorKind.INTERNAL,
              "synchronising table " + table.name() + " was interrupted by an extension",
              e));
    } catch (RuntimeException | Error e) {
      return failed(table, sync, Unexpected.failure("synchronising table " + table.name(), e));
    }
  }

  /** {@return when to retry; null for not at all} */
  private @Nullable Retry failed(Table table, TableSync sync, EtlException failure) {
    if (sync.isStopped()) {
      LOG.debug("the sync worker of table {} failed while stopping", table.name(), failure);
      return null;
    }
    LOG.warn("the sync worker of table {} failed", table.name(), failure);
    try {
      Retry retry = setAside(table, failure);
      if (table.life().needsManualRetry()) {
        sync.dropSlot();
      }
      return retry;
    } catch (EtlException e) {
      LOG.error("the failure of table {} could not be stored", table.name(), e);
      return whenStoreIsBack(e);
    }
  }

  /**
   * Stores a failure. One that is temporary is not the table's fault: it is retried until it
   * succeeds. A table whose work was done, or that the destination refused meanwhile, stays as it
   * is.
   */
  private @Nullable Retry setAside(Table table, EtlException failure) {
    int attempt = table.trouble().attempt(failure.kind(), table.life().failures());
    boolean slotLost = failure.kind() == ErrorKind.SLOT_LOST;
    if (slotLost) {
      boolean unused = table.moveIf(now -> now.life().mayRetry(), new Resync());
    }
    EtlException reason = slotLost ? copiedAgain(failure) : failure;
    boolean retried = isRetried(reason, attempt);
    boolean moved = table.moveIf(SyncWorkers::canFail, Failed.of(reason, attempt, retried));
    if (moved && !retried) {
      table.trouble().failed(reason, attempt, null);
    }
    return moved && retried ? retry(reason, attempt) : null;
  }

  private static boolean canFail(TableState now) {
    return now.life().mayRetry() && !(now.life().phase() instanceof Errored);
  }

  private boolean isRetried(EtlException failure, int attempt) {
    return failure.retry() == RetryDirective.TIMED
        && (failure.kind().isTemporary() || resources.backoff().allows(attempt));
  }

  /** A sync worker's slot is gone: nothing is lost, the table is resynced. */
  private static EtlException copiedAgain(EtlException failure) {
    return new EtlException(
        ErrorKind.SOURCE_FAILED, failure.summary() + "; the table is resynced", failure);
  }

  /**
   * What became of a table could not be stored: nothing counts as an attempt.
   *
   * @throws EtlException the same, if waiting does not help: what the store holds is not known
   */
  private Retry whenStoreIsBack(EtlException storeAway) {
    if (storeAway.retry() != RetryDirective.TIMED) {
      throw storeAway;
    }
    return retry(storeAway, 1);
  }

  private Retry retry(EtlException failure, int attempt) {
    return new Retry(failure, attempt, resources.backoff().delay(attempt));
  }

  private void ended(Table table) {
    lock.lock();
    try {
      table.syncRun(null);
      running--;
      startWaiting();
    } finally {
      lock.unlock();
    }
    if (table.wish() == Wish.RESYNC) {
      retryAfter(table, Duration.ZERO);
    }
  }

  // ---- what an operator or the publication wants ----

  /**
   * Copies a table again. While the destination hangs in a call of the table's worker that cannot
   * begin: two writers would get in each other's way. It begins when the call returns, and when the
   * store is back.
   */
  public void resync(Table table) throws InterruptedException {
    table.wish(Wish.RESYNC);
    if (!cancel(table)) {
      LOG.warn("table {} is resynced once the destination has answered", table.name());
      return;
    }
    try {
      table.beginResync();
      schedule(table);
    } catch (EtlException e) {
      retryAfter(table, whenStoreIsBack(e).delay);
      LOG.warn(
          "table {} is resynced once the store is back: {}: {}",
          table.name(),
          e.kind(),
          e.getMessage());
    }
  }

  /**
   * Ends the worker of a table for good, and has the table forgotten.
   *
   * @return false if the destination hangs in a call of the worker: nothing is forgotten then
   */
  public boolean forget(Table table, Consumer<Table> forgetting) throws InterruptedException {
    table.wish(Wish.FORGET);
    if (!cancel(table)) {
      return false;
    }
    forgetting.accept(table);
    return true;
  }

  /** {@return whether the table has no worker any more} */
  private boolean cancel(Table table) throws InterruptedException {
    SyncRun cancelled;
    lock.lock();
    try {
      waiting.remove(table);
      cancelled = table.syncRun();
    } finally {
      lock.unlock();
    }
    return cancelled == null || cancelled.cancel();
  }

  // ---- the end ----

  /** Asks all workers to end; no new one starts. */
  public void stop() {
    lock.lock();
    try {
      stopped = true;
      waiting.clear();
    } finally {
      lock.unlock();
    }
    runs().forEach(SyncRun::stop);
  }

  /** {@return whether all workers ended in time} */
  public boolean await(long nanos) throws InterruptedException {
    long until = context.platform().nanos() + nanos;
    for (SyncRun run : runs()) {
      if (!run.worker().await(until - context.platform().nanos())) {
        return false;
      }
    }
    return true;
  }

  /** The destination had its time: what hangs is given up. */
  public void giveUp() {
    runs().forEach(SyncRun::giveUp);
  }

  private List<SyncRun> runs() {
    return tables.all().stream().map(Table::syncRun).filter(Objects::nonNull).toList();
  }
}
