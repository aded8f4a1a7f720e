package dev.pgetl.internal.runtime.sync;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.runtime.exit.PauseExit;
import dev.pgetl.internal.runtime.exit.RangeAgain;
import dev.pgetl.internal.runtime.rows.CopyDelivery;
import dev.pgetl.internal.runtime.rows.CopySpeed;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.FenceLost;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.wal.Lsn;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a table sync worker does: takes one table from {@code Init} to {@code SyncDone}. It copies
 * the rows under the snapshot of the table's own slot, then streams from that slot to where the
 * apply worker takes over, unless the pipeline only copies. Runs once; {@link #stop}, {@link
 * #giveUp} and {@link #isStopped} are for any thread.
 */
final class TableSync implements Sync {
  private static final Logger LOG = LoggerFactory.getLogger(TableSync.class);
  private static final long APPLY_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final Table table;
  private final ApplyProgress apply;
  private final String slot;
  private final CopyDelivery delivery;
  private final TableCopier copier;
  private final InitialCopy copy;
  private volatile @Nullable CatchUp catchUp;

  /**
   * Creates the work; nothing is done yet.
   *
   * @param speed how fast a table is copied
   * @param othersWait whether other tables wait for a worker
   */
  TableSync(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      Table table,
      ApplyProgress apply,
      CopySpeed speed,
      BooleanSupplier othersWait) {
    this.context = context;
    this.resources = resources;
    this.tables = tables;
    this.table = table;
    this.apply = apply;
    this.slot = context.syncSlotPrefix() + table.id();
    this.delivery =
        new CopyDelivery(
            context.destination(),
            table.trouble(),
            resources.backoff(),
            context.source()::requireOwned,
            resources.calls(),
            othersWait,
            context.platform());
    this.copier = context.copiers().copier();
    this.copy = new InitialCopy(context, resources, table, slot, delivery, copier, speed);
  }

  @Override
  public void run() throws InterruptedException {
    if (table.isToLeave()) {
      leaveApplyWorker();
    }
    if (table.life().isPaused() && !table.wish().isPause()) {
      return;
    }
    awaitApplyWorker();
    if (table.wish().isPause() && !isStopped()) {
      untilStored().run(table::beginPause);
    }
    if (isStopped() || !table.life().mayRetry()) {
      return;
    }
    TableReplicationPhase phase = table.phase();
    if (phase instanceof Init || phase instanceof DataSync) {
      copy.run();
    }
    while (!context.copyOnly() && !isStopped() && table.phase() instanceof FinishedCopy) {
      catchUp();
    }
  }

  private void leaveApplyWorker() throws InterruptedException {
    KeyRange again = table.notes().rangeAgain();
    if (again == null) {
      new PauseExit(context, tables, table, apply, copier, untilStored(), this::isStopped)
          .run(slot);
    } else {
      new RangeAgain(context, tables, table, apply, copier, untilStored(), this::isStopped)
          .run(again, slot);
    }
  }

  /** {@return attempts to store what others wait for, however long the store is away} */
  private Attempts untilStored() {
    return new Attempts(resources.backoff().unlimited(), delivery);
  }

  /**
   * Changes of the table that the apply worker still holds have to be out before its rows are read
   * by a new copy.
   */
  private void awaitApplyWorker() throws InterruptedException {
    if (!pass(table, apply, APPLY_TICK_NANOS)) {
      Lsn leftAt = table.state().leftAt();
      LOG.info("table {} is copied once the apply worker has passed {}", table.name(), leftAt);
      while (!isStopped() && !pass(table, apply, APPLY_TICK_NANOS)) {
        LOG.debug("copy of table {} waits for the apply worker to pass {}", table.name(), leftAt);
      }
    }
  }

  /**
   * {@return whether the apply worker holds no change of a table, in time; the table knows it then}
   * The position is read each time: a promoted server may lack what comes behind another one.
   */
  static boolean pass(Table table, ApplyProgress apply, long nanos) throws InterruptedException {
    Lsn leftAt = table.state().leftAt();
    return hasPassed(table, apply, nanos) && table.passed(leftAt);
  }

  /** {@return whether the apply worker holds no change of a table, in time} */
  static boolean hasPassed(Table table, ApplyProgress apply, long nanos)
      throws InterruptedException {
    Lsn leftAt = table.state().leftAt();
    return leftAt == null || apply.awaitDurable(leftAt.plus(1), nanos);
  }

  // ---- the sync worker's stream ----

  private void catchUp() throws InterruptedException {
    CatchUp stream = new CatchUp(context, resources, tables, table, this::isStopped);
    catchUp = stream;
    try {
      Optional<Lsn> reached = stream.run();
      if (reached.isPresent()) {
        end(reached.get(), stream.timeline());
      }
    } finally {
      catchUp = null;
      table.withdraw();
    }
  }

  private void end(Lsn reached, int timeline) throws InterruptedException {
    if (apply.agree(timeline, () -> table.agree(reached), this::isStopped)) {
      handOver(reached);
    } else if (!isStopped()) {
      LOG.info("table {} was slow to catch up and continues", table.name());
      table.move(new FenceLost());
    }
  }

  private void handOver(Lsn end) throws InterruptedException {
    Failpoint.BEFORE_SYNC_DONE.reached();
    remember(new HandedOver(end));
    Failpoint.AFTER_SYNC_DONE.reached();
    dropSlot();
    Failpoint.AFTER_SYNC_SLOT_DROPPED.reached();
  }

  /**
   * Stores where the apply worker takes over, however long the store is away. It may have done so
   * without saying it. Until that is known the apply worker acknowledges nothing behind that place,
   * or the next start would take the table up from a place that has been passed.
   */
  private void remember(HandedOver event) throws InterruptedException {
    untilStored().run(() -> table.move(event));
  }

  @Override
  public void abandon(Table abandoned) {
    if (!context.copyOnly()) {
      dropSlot();
    }
  }

  /** The slot is of no use any more; if it cannot be dropped now, it is found again later. */
  private void dropSlot() {
    try {
      context.source().dropSlot(slot);
      context.store().deleteReplicationProgress(slot);
      context.store().deleteCopyRanges(table.id());
    } catch (EtlException e) {
      LOG.warn(
          "replication slot {} could not be dropped, retrying at the next refresh: {}: {}",
          slot,
          e.kind(),
          e.getMessage());
    }
  }

  @Override
  public void stop() {
    delivery.stop();
    copier.abort();
    table.withdraw();
  }

  @Override
  public void giveUp() {
    CatchUp streaming = catchUp;
    if (streaming != null) {
      streaming.abort();
    }
  }

  @Override
  public boolean isStopped() {
    return delivery.isStopped();
  }
}
