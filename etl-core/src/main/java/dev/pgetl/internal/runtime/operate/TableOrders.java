package dev.pgetl.internal.runtime.operate;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.range.RangeCheck;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.runtime.sync.SyncWorkers;
import dev.pgetl.internal.runtime.sync.TablePauses;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.LogContext;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what an operator asks for a table. Thread-safe. */
public final class TableOrders {
  private static final Logger LOG = LoggerFactory.getLogger(TableOrders.class);

  private final PipelineContext context;
  private final SyncWorkers syncs;
  private final TablePauses pauses;
  private final TableFinder finder;

  /**
   * Creates it.
   *
   * @param tables all tables
   * @param syncs their workers
   * @param pauses has them pause
   */
  public TableOrders(
      PipelineContext context, Tables tables, SyncWorkers syncs, TablePauses pauses) {
    this.context = context;
    this.syncs = syncs;
    this.pauses = pauses;
    this.finder = new TableFinder(context, tables);
  }

  /**
   * Does it, or has it done.
   *
   * @throws IllegalArgumentException if there is no such table, or range of it
   * @throws IllegalStateException if the table is not in the state for it
   */
  public void execute(TableOrder order) throws InterruptedException {
    Table table = finder.find(order.which());
    String act = order.act().name().toLowerCase(Locale.ROOT);
    LogContext about = LogContext.enter(context.config().id(), act, table.name());
    try {
      switch (order.act()) {
        case RESYNC -> resync(table, order.range());
        case RETRY -> retry(table);
        case PAUSE -> pause(table);
        case RESUME -> resume(table);
      }
    } finally {
      about.leave();
    }
  }

  private void resync(Table table, @Nullable KeyRange range) throws InterruptedException {
    if (range == null) {
      LOG.info("resync of table {}", table.name());
      syncs.resync(table);
      return;
    }
    if (!context.config().tableCopy().copies(table.firstName())) {
      throw new IllegalArgumentException("rows of table " + table.name() + " are not copied");
    }
    context
        .store()
        .getTableSchema(table.id())
        .ifPresent(version -> RangeCheck.require(range, version));
    LOG.info("resync of a range of table {}", table.name());
    syncs.resync(table, range);
  }

  private void pause(Table table) throws InterruptedException {
    if (table.life().isPaused()) {
      LOG.info("table {} is paused already", table.name());
      return;
    }
    if (table.phase() instanceof Errored failed && table.life().needsManualRetry()) {
      throw new IllegalStateException(
          "table "
              + table.name()
              + " cannot be paused: it has failed, and gets nothing until it is resynced ("
              + failed.reason()
              + ")");
    }
    if (!context.store().keepsPauses()) {
      throw new EtlException(
              ErrorKind.CONFIGURATION,
              "pausing table " + table.name() + " failed: the store does not keep pauses")
          .withFix(
              "Use a store that keeps the phase Paused (rule S11 of StateStore), or pause the"
                  + " pipeline as a whole.");
    }
    LOG.info("table {} is to be paused", table.name());
    pauses.pause(table);
  }

  private void resume(Table table) {
    if (!table.life().isPaused() && !table.wish().isPause()) {
      LOG.info("table {} is not paused", table.name());
      return;
    }
    LOG.info("table {} is resumed", table.name());
    pauses.resume(table);
  }

  /** What has been passed over does not come again, so the table has to be copied. */
  private void retry(Table table) {
    if (!(table.phase() instanceof Errored failed)) {
      LOG.info("table {} has not failed: nothing to retry", table.name());
      return;
    }
    if (table.life().needsManualRetry()) {
      throw new IllegalStateException(
          "table "
              + table.name()
              + " cannot be retried: its changes were passed over since it failed ("
              + failed.reason()
              + "). Fix the cause, then resync it");
    }
    LOG.info("retry of table {}", table.name());
    syncs.schedule(table);
  }
}
