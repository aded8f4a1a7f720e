package dev.pgetl.internal.runtime.sync;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.Unexpected;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.SyncRun;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Table.Wish;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the sync workers of tables that the apply worker does not own, so many at a time, and
 * decides when a table that failed is retried. Thread-safe.
 */
public final class SyncWorkers {
  private static final Logger LOG = LoggerFactory.getLogger(SyncWorkers.class);

  /** How many small tables may have a hanging call, each with a thread and its rows. */
  private static final int MOST_HANGING = 100;

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final ApplyProgress apply;
  private final TaskTimer timer;
  private final PipelineListener listener;
  private final SyncFailures failures;
  private final Semaphore hanging = new Semaphore(MOST_HANGING);
  private final Lock lock;

  @GuardedBy("lock")
  private final SyncQueue waiting;

  private volatile boolean stopped;

  /** Creates the workers' office, without a worker; the timer starts retries. */
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
    this.listener = context.listener();
    this.lock = context.platform().newLock();
    PipelineConfig config = context.config();
    this.waiting = new SyncQueue(config.maxTableSyncWorkers(), config.maxTablesPerSyncWorker());
    this.failures = new SyncFailures(resources.backoff());
  }

  // ---- starting ----

  /** Starts a table's worker as soon as there is room and the one before has ended. */
  public void schedule(Table table) {
    schedule(List.of(table));
  }

  /** Starts workers of tables as soon as there is room and those before have ended. */
  public void schedule(Collection<Table> added) {
    lock.lock();
    try {
      if (!stopped) {
        added.forEach(waiting::add);
        startWaiting();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void startWaiting() {
    for (List<Table> next = waiting.take(); !stopped && !next.isEmpty(); next = waiting.take()) {
      start(next);
    }
  }

  @GuardedBy("lock")
  private void start(List<Table> members) {
    if (members.size() == 1) {
      start(members.get(0));
      return;
    }
    GroupSync sync =
        new GroupSync(context, resources, tables, members, apply, hanging, this::released);
    String name = "sync-" + members.get(0).id() + "-and-" + (members.size() - 1) + "-more";
    Worker worker = resources.workers().start(name, () -> run(members, sync));
    WorkerRun run = new WorkerRun(worker, sync);
    members.forEach(table -> table.syncRun(run));
  }

  @GuardedBy("lock")
  private void start(Table table) {
    StreamResources own = resources.with(resources.workers().of(table.name()));
    TableSync sync = new TableSync(context, own, tables, table, apply);
    Worker worker = own.workers().start("sync-" + table.id(), () -> run(table, sync));
    table.syncRun(new WorkerRun(worker, sync));
  }

  /** Continues with tables at the start of the pipeline. */
  public void resume(Collection<Table> all) {
    schedule(all.stream().filter(table -> table.life().mayRetry()).toList());
  }

  /** A retry that is out of date by then does nothing. */
  private void retryAfter(Table table, Duration delay) {
    timer.later(delay, () -> retry(table));
  }

  private void retry(Table table) {
    try {
      boolean again = RangeAgain.giveUp(table) || table.notes().rangeAgain() != null;
      if (again || table.wish() == Wish.RESYNC || table.life().mayRetry()) {
        schedule(table);
      }
    } catch (EtlException e) {
      retryAfter(table, failures.whenStoreIsBack(e).delay());
    }
  }

  // ---- a worker's run, on its own thread ----

  private void run(Table table, TableSync sync) throws InterruptedException {
    SyncFailures.Retry retry = null;
    try {
      retry = prepareAndSync(table, sync);
    } finally {
      ended(List.of(table), one -> false);
    }
    if (retry != null) {
      begin(table, retry);
    }
  }

  private void begin(Table table, SyncFailures.Retry retry) {
    table.trouble().failed(retry.failure(), retry.attempt(), retry.delay());
    retryAfter(table, retry.delay());
    listener.onRetry(retry.failure(), retry.attempt(), retry.delay());
  }

  private SyncFailures.@Nullable Retry prepareAndSync(Table table, TableSync sync)
      throws InterruptedException {
    try {
      if (!table.prepareRun()) {
        sync.abandon(table);
        return null;
      }
    } catch (EtlException e) {
      return failures.whenStoreIsBack(e);
    }
    EtlException failure = sync("synchronising table " + table.name(), sync);
    return failure == null ? null : failures.failed(table, sync, failure);
  }

  /** {@return why the worker could not continue; null if it had not to} */
  @SuppressWarnings("IllegalCatch") // an error concerns the tables whose worker met it
  private static @Nullable EtlException sync(String doing, Sync sync) throws InterruptedException {
    try {
      sync.run();
      return null;
    } catch (InterruptedException e) {
      if (sync.isStopped()) {
        throw e;
      }
      return new EtlException(ErrorKind.INTERNAL, doing + " was interrupted by an extension", e);
    } catch (RuntimeException | Error e) {
      return Unexpected.failure(doing, e);
    }
  }

  // ---- the run of a worker that has many tables ----

  private void run(List<Table> members, GroupSync sync) throws InterruptedException {
    Map<Table, SyncFailures.Retry> retries = new LinkedHashMap<>();
    try {
      prepareAndSync(members, sync, retries);
    } finally {
      ended(members, sync::isGone);
      schedule(
          members.stream().filter(table -> !sync.isGone(table) && isLeft(table, retries)).toList());
      retries.forEach(this::begin);
    }
  }

  /** {@return whether a table is neither done nor waits for a retry} */
  private static boolean isLeft(Table table, Map<Table, SyncFailures.Retry> retries) {
    return !retries.containsKey(table)
        && table.life().mayRetry()
        && table.wish() == Wish.NONE
        && !(table.phase() instanceof Errored);
  }

  private void prepareAndSync(
      List<Table> members, GroupSync sync, Map<Table, SyncFailures.Retry> retries)
      throws InterruptedException {
    for (Table table : members) {
      try {
        if (!table.prepareRun()) {
          sync.leave(table);
        }
      } catch (EtlException e) {
        sync.leave(table);
        retries.put(table, failures.whenStoreIsBack(e));
      }
    }
    EtlException failure = sync("synchronising " + members.size() + " small tables", sync);
    boolean ofOne =
        failure != null && members.stream().anyMatch(table -> SyncFailures.names(failure, table));
    for (Table table : members) {
      EtlException own = sync.failure(table);
      if (own == null && failure != null && (!ofOne || SyncFailures.names(failure, table))) {
        own = failure;
      }
      boolean open = !sync.isGone(table) && !retries.containsKey(table) && table.life().mayRetry();
      if (own != null && open) {
        setBack(table, sync, own, retries);
      }
    }
  }

  /** What waiting does not help against is found again, and reported, by a worker of its own. */
  private void setBack(
      Table table, GroupSync sync, EtlException why, Map<Table, SyncFailures.Retry> retries) {
    if (sync.isStopped()) {
      return; // it is scheduled again
    }
    if (!why.kind().isTemporary()) {
      LOG.info("table {} is copied alone: {}: {}", table.name(), why.kind(), why.getMessage());
      table.notes().copyAlone();
      return;
    }
    SyncFailures.Retry retry = failures.failed(table, sync, why);
    if (retry != null) {
      retries.put(table, retry);
    }
  }

  /** A worker has ended, and its tables are free, but for those that have left it. */
  private void ended(List<Table> members, Predicate<Table> isGone) {
    List<Table> free = members.stream().filter(isGone.negate()).toList();
    lock.lock();
    try {
      free.forEach(table -> table.syncRun(null));
      waiting.ended(members);
      startWaiting();
    } finally {
      lock.unlock();
    }
    beginResyncs(free);
  }

  /** A table is free before its group has ended, or after it. */
  private void released(Table table) {
    lock.lock();
    try {
      table.syncRun(null);
      if (table.life().mayRetry() && table.wish() == Wish.NONE) {
        waiting.add(table);
      }
      startWaiting();
    } finally {
      lock.unlock();
    }
    beginResyncs(List.of(table));
  }

  private void beginResyncs(List<Table> free) {
    free.stream()
        .filter(table -> table.wish() == Wish.RESYNC)
        .forEach(table -> retryAfter(table, Duration.ZERO));
  }

  // ---- what an operator or the publication wants ----

  /**
   * Copies a table again. While the destination hangs in a call of the table's worker that cannot
   * begin: two writers would get in each other's way. It begins when the call returns, and when the
   * store is back.
   */
  public void resync(Table table) throws InterruptedException {
    table.wish(Wish.RESYNC);
    table.notes().noRangeAgain();
    if (!cancel(table)) {
      LOG.warn("table {} is resynced once the destination has answered", table.name());
      schedule(table); // its worker may be about to begin the resync, and ends without making it
      return;
    }
    try {
      table.beginResync();
      schedule(table);
    } catch (EtlException e) {
      retryAfter(table, failures.whenStoreIsBack(e).delay());
      LOG.warn("table {} is resynced once the store is back: {}", table.name(), e.summary());
    }
  }

  /** Copies one range of a table again, or all of it if the apply worker does not own it. */
  public void resync(Table table, KeyRange range) throws InterruptedException {
    if (!table.isApplied() || !table.notes().wantsRangeAgain(range)) {
      resync(table);
      return;
    }
    schedule(table);
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
    return cancelled == null || (cancelled.cancel() && table.syncRun() == null);
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
    Platform platform = context.platform();
    long until = platform.nanos() + nanos;
    for (List<SyncRun> left = runs(); !left.isEmpty(); left = runs()) {
      for (SyncRun run : left) {
        if (!run.await(until - platform.nanos())) {
          return false;
        }
      }
    }
    return true;
  }

  /** The destination had its time: what hangs is given up. */
  public void giveUp() {
    runs().forEach(SyncRun::giveUp);
  }

  private List<SyncRun> runs() {
    return tables.all().stream().map(Table::syncRun).filter(Objects::nonNull).distinct().toList();
  }
}
