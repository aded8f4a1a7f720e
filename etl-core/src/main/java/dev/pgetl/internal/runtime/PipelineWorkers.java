package dev.pgetl.internal.runtime;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.runtime.operate.TableOrders;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.runtime.rows.CopyReport;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.sync.SyncWorkers;
import dev.pgetl.internal.runtime.sync.TablePauses;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Table.Wish;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.PipelineRun;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The workers and timers of a pipeline that has started. Immutable. */
final class PipelineWorkers implements PipelineRun {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineWorkers.class);
  private static final Duration OWNERSHIP_INTERVAL = Duration.ofSeconds(5);

  /** How often what grows is looked at if the publication is not followed. */
  private static final Duration UPKEEP_INTERVAL = Duration.ofSeconds(30);

  private final PipelineContext context;
  private final Tables tables;
  private final TaskTimer timer;
  private final TaskTimer storeTimer;
  private final TaskTimer tableTimer;
  private final ApplyWorker apply;
  private final SyncWorkers syncs;
  private final TableOrders orders;
  private final CopyReport copies;
  private final Worker applyThread;

  /**
   * Starts the apply worker.
   *
   * @param prepared where it starts
   * @param unexpected receives why the apply worker has ended, unless that was asked for
   * @param stopping whether it was
   */
  PipelineWorkers(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      Startup.Prepared prepared,
      Consumer<Throwable> unexpected,
      BooleanSupplier stopping) {
    this.context = context;
    this.tables = tables;
    this.timer = new TaskTimer("supervisor", resources.workers());
    this.storeTimer = new TaskTimer("store", resources.workers());
    this.tableTimer = new TaskTimer("tables", resources.workers());
    this.apply =
        new ApplyWorker(
            context,
            resources,
            tables,
            prepared.position(),
            prepared.connection(),
            prepared.given(),
            tableTimer);
    this.syncs = new SyncWorkers(context, resources, tables, apply, timer);
    this.orders = new TableOrders(context, tables, syncs, new TablePauses(syncs, apply));
    this.copies = new CopyReport(context.config(), resources, tables);
    this.applyThread = resources.workers().start("apply", () -> run(unexpected, stopping));
  }

  /** Any unrequested end of the apply worker is a failure, also an interrupt by an extension. */
  private void run(Consumer<Throwable> unexpected, BooleanSupplier stopping) {
    try {
      apply.run();
      failUnless(stopping, unexpected, null);
    } catch (InterruptedException e) {
      failUnless(stopping, unexpected, e);
    } catch (RuntimeException e) {
      unexpected.accept(e);
    } finally {
      apply.ended();
    }
  }

  private static void failUnless(
      BooleanSupplier stopping,
      Consumer<Throwable> unexpected,
      @Nullable InterruptedException cause) {
    if (!stopping.getAsBoolean()) {
      unexpected.accept(
          new EtlException(
              ErrorKind.INTERNAL, "the apply worker was interrupted by an extension", cause));
    }
  }

  /** Resumes the tables that are not ready, and refreshes the publication from now on. */
  void begin(ScopeWatch scopes, TableClaims.Claimant claims) {
    apply.renewal().at(scopes.renewal());
    List<Table> all = tables.all();
    syncs.begin(all);
    refreshLater(
        new PublicationWatch(context, tables, apply, syncs, scopes, claims),
        new SlotWatch(context, apply, tables));
    proveOwnershipLater();
    copies.logFrom(timer);
    LOG.info("pipeline {} runs with {} tables", context.config().id(), all.size());
    tables.logFailed();
  }

  private void refreshLater(PublicationWatch watch, SlotWatch slot) {
    Duration interval = context.config().publicationRefreshInterval();
    boolean follows = !interval.isZero();
    timer.later(
        follows ? interval : UPKEEP_INTERVAL,
        () -> {
          watch.refresh(follows);
          watch.prune();
          slot.refresh();
          if (context.config().pgConnection().readsFromStandby()) {
            apply.renewal().followTimeline();
          }
          refreshLater(watch, slot);
        });
  }

  private void proveOwnershipLater() {
    storeTimer.later(
        OWNERSHIP_INTERVAL,
        () -> {
          proveOwnership();
          proveOwnershipLater();
        });
  }

  /** A pipeline that stores nothing for a while would not notice that its store was taken. */
  private void proveOwnership() {
    try {
      context.store().proveOwnership();
    } catch (EtlException e) {
      if (e.retry() != RetryDirective.TIMED) {
        throw e;
      }
      LOG.warn("the store cannot tell now whether it is this process's: {}", e.getMessage());
    }
  }

  @Override
  public PipelineStatus.Builder addTo(PipelineStatus.Builder status) {
    return status.stream(apply.status()).copies(copies.status());
  }

  @Override
  public void order(TableOrder order) throws InterruptedException {
    orders.execute(order);
  }

  /** {@return whether the stream had connected and every table was ready in time} */
  @Override
  public boolean awaitReady(long nanos, BooleanSupplier ended) throws InterruptedException {
    long until = context.platform().nanos() + nanos;
    return tables.await(PipelineWorkers::isReady, nanos, ended)
        && apply.awaitConnected(until - context.platform().nanos());
  }

  /** The phase comes last: what was asked for is forgotten once the table has left its phase. */
  static boolean isReady(Table table) {
    return table.notes().rangeAgain() == null
        && table.wish() != Wish.RESYNC
        && !table.wish().isPause()
        && table.phase() instanceof Ready;
  }

  /** {@return whether the apply worker had reached a position in time, and owned the tables} */
  @Override
  public boolean awaitApplied(
      Lsn position, Predicate<TableId> wanted, long nanos, BooleanSupplier ended)
      throws InterruptedException {
    long until = context.platform().nanos() + nanos;
    return apply.awaitDurable(position, nanos)
        && tables.await(
            table -> table.isApplied() || !wanted.test(table.id()),
            until - context.platform().nanos(),
            ended);
  }

  @Override
  public void requireRunning(Lsn position) {
    apply.requireRunning(position);
  }

  // ---- the end ----

  @Override
  public void stop() {
    timer.stop();
    timer.interrupt();
    tableTimer.stop();
    storeTimer.stop();
    syncs.stop();
    apply.stop();
  }

  @Override
  public boolean await(long nanos) throws InterruptedException {
    long until = context.platform().nanos() + nanos;
    return syncs.await(until - context.platform().nanos())
        && applyThread.await(until - context.platform().nanos())
        && apply.awaitDeliveryEnd(until - context.platform().nanos())
        && tableTimer.await(until - context.platform().nanos())
        && timer.await(until - context.platform().nanos());
  }

  @Override
  public void giveUp() {
    syncs.giveUp();
    apply.giveUp();
    applyThread.interrupt();
    tableTimer.interrupt();
  }
}
