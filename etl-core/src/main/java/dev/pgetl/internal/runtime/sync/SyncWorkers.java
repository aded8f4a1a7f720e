package dev.pgetl.internal.runtime.sync;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.exit.RangeAgain;
import dev.pgetl.internal.runtime.rows.AnswerTimes;
import dev.pgetl.internal.runtime.rows.CopySpeed;
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
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
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

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final ApplyProgress apply;
  private final TaskTimer timer;
  private final PipelineListener listener;
  private final SyncFailures failures;
  private final AnswerTimes times;
  private final CopySpeed speed;
  private final TableSizes sizes;
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
    this.times = new AnswerTimes(context.platform(), resources.calls());
    PipelineConfig config = context.config();
    this.speed = new CopySpeed(context.platform());
    this.sizes = new TableSizes(context.source());
    this.waiting =
        new SyncQueue(
            config.maxTableSyncWorkers(),
            config.maxTablesPerSyncWorker(),
            speed,
            context.copyOnly());
    this.failures = new SyncFailures(resources.backoff(), context.copyOnly());
  }

  // ---- starting ----

  /** Starts a table's worker as soon as there is room and the one before has ended. */
  public void schedule(Table table) {
    schedule(List.of(table));
  }

  /** Starts workers of tables that are new, or new to this process, the largest first. */
  public void begin(Collection<Table> added) {
    List<Table> work = added.stream().filter(table -> table.life().mayRetry()).toList();
    leaveOutBefore(work);
    sizes.note(work);
    schedule(work);
  }

  /** If no other table is copied, those that were copied before do not count any longer. */
  private void leaveOutBefore(Collection<Table> next) {
    if (!next.isEmpty() && !isBusy()) {
      tables.all().forEach(table -> table.notes().copy().leaveOut());
    }
  }

  /** {@return whether tables are copied, or wait} */
  private boolean isBusy() {
    lock.lock();
    try {
      return waiting.isBusy();
    } finally {
      lock.unlock();
    }
  }

  /** Tables that wait may have grown or shrunk, or their size could not be read before. */
  public void refreshSizes() {
    List<Table> waitingNow;
    lock.lock();
    try {
      waitingNow = waiting.tables();
    } finally {
      lock.unlock();
    }
    sizes.note(waitingNow);
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
        new GroupSync(context, resources, tables, members, apply, times, this::released);
    String name = "sync-" + members.get(0).id() + "-and-" + (members.size() - 1) + "-more";
    Worker worker = resources.workers().start(name, () -> run(members, sync));
    WorkerRun run = new WorkerRun(worker, sync);
    members.forEach(table -> table.syncRun(run));
  }

  @GuardedBy("lock")
  private void start(Table table) {
    StreamResources own = resources.with(resources.workers().of(table.name()));
    TableSync sync = new TableSync(context, own, tables, table, apply, speed, this::othersWait);
    Worker worker = own.workers().start("sync-" + table.id(), () -> run(table, sync));
    table.syncRun(new WorkerRun(worker, sync));
  }

  /** A pipeline that only copies does not retry a table whose calls were retried. */
  private boolean othersWait() {
    if (context.copyOnly()) {
      return false;
    }
    lock.lock();
    try {
      return waiting.isWaitedFor();
    } finally {
      lock.unlock();
    }
  }

  /** A retry that is out of date by then does nothing. */
  private void retryAfter(Table table, Duration delay) {
    timer.later(delay, () -> retry(table));
  }

  private void retry(Table table) {
    try {
      boolean again = RangeAgain.giveUp(table) || table.notes().rangeAgain() != null;
      if (again || isAsked(table) || table.life().mayRetry()) {
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
        if (!table.needsSlot()) {
          sync.abandon(table);
        }
        return null;
      }
    } catch (EtlException e) {
      return failures.whenStoreIsBack(e);
    }
    EtlException failure = sync.attempt("synchronising table " + table.name());
    return failure == null ? null : failures.failed(table, sync, failure);
  }

  private void run(List<Table> members, GroupSync sync) throws InterruptedException {
    GroupRun run = new GroupRun(members, sync, failures, resources.costs(), context.platform());
    try {
      run.run();
    } finally {
      ended(members, sync::isGone);
      schedule(run.left());
      run.retries().forEach(this::begin);
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
    beginWishes(free);
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
    beginWishes(List.of(table));
  }

  private void beginWishes(List<Table> free) {
    free.stream().filter(SyncWorkers::isAsked).forEach(table -> retryAfter(table, Duration.ZERO));
  }

  private static boolean isAsked(Table table) {
    return table.wish() == Wish.RESYNC || table.wish().isPause();
  }

  // ---- what is asked for ----

  /**
   * Copies a table again, once no call of its worker hangs in the destination, and the store is
   * there.
   */
  public void resync(Table table) throws InterruptedException {
    resync(List.of(table));
  }

  /** Copies tables again, see {@link #resync(Table)}. */
  public void resync(Collection<Table> again) throws InterruptedException {
    leaveOutBefore(again);
    noteSizes(again);
    for (Table table : again) {
      resyncOne(table);
    }
  }

  /** Their order does not matter if there are workers for all of them. */
  private void noteSizes(Collection<Table> again) {
    if (isBusy() || again.size() > 1) {
      sizes.note(again);
    }
  }

  private void resyncOne(Table table) throws InterruptedException {
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
      retryOnceStored(table, e);
      LOG.warn("table {} is resynced once the store is back: {}", table.name(), e.summary());
    }
  }

  /** Copies one range of a table again, or all of it if the apply worker does not own it. */
  public void resync(Table table, KeyRange range) throws InterruptedException {
    if (!table.isApplied() || !table.notes().wantsRangeAgain(range)) {
      resync(table);
      return;
    }
    noteSizes(List.of(table));
    schedule(table);
  }

  /** Has a table forgotten; {@code false} if the destination hangs in a call of its worker. */
  public boolean forget(Table table, Consumer<Table> forgetting) throws InterruptedException {
    table.wish(Wish.FORGET);
    if (!cancel(table)) {
      return false;
    }
    forgetting.accept(table);
    return true;
  }

  /** What was asked for could not be stored. */
  void retryOnceStored(Table table, EtlException failure) {
    retryAfter(table, failures.whenStoreIsBack(failure).delay());
  }

  /** {@return whether the table has no worker any more} */
  boolean cancel(Table table) throws InterruptedException {
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
