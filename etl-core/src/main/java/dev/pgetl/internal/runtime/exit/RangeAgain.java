package dev.pgetl.internal.runtime.exit;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.range.CopyOrigin;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.range.CopyRangesText;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Table.Wish;
import dev.pgetl.internal.runtime.table.TableEvent.RangeLeft;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.table.TableState;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a table from the apply worker so that one range of it is copied again, as if everything
 * outside of the range had been copied where the table leaves. A slot of its own, made before,
 * holds what is committed from there on. Runs once, on the table sync worker's thread.
 */
public final class RangeAgain {
  private static final Logger LOG = LoggerFactory.getLogger(RangeAgain.class);

  private final PipelineContext context;
  private final PipelineStore store;
  private final Tables tables;
  private final Table table;
  private final ApplyProgress apply;
  private final TableCopier copier;
  private final Attempts attempts;
  private final BooleanSupplier stopped;

  /**
   * Creates the exit of one table.
   *
   * @param apply the position of the apply worker
   * @param copier makes the slot; the caller aborts it when the worker is to end
   * @param attempts stores, however long that takes
   * @param stopped whether the worker is to end
   */
  public RangeAgain(
      PipelineContext context,
      Tables tables,
      Table table,
      ApplyProgress apply,
      TableCopier copier,
      Attempts attempts,
      BooleanSupplier stopped) {
    this.context = context;
    this.store = context.store();
    this.tables = tables;
    this.table = table;
    this.apply = apply;
    this.copier = copier;
    this.attempts = attempts;
    this.stopped = stopped;
  }

  /** Has the table leave; it is in {@code DataSync} then, or in {@code Init} if that cannot be. */
  public void run(KeyRange range, String slot) throws InterruptedException {
    SlotLineage lineage = ExitSlot.create(context, copier, slot);
    ExitPoint exit = new ExitPoint(tables, table, apply, stopped);
    Lsn until = exit.agree(lineage);
    if (until == null) {
      return;
    }
    TableSchema version = store.getTableSchema(table.id(), until).orElse(null);
    if (until.equals(Lsn.ZERO) || version == null) {
      LOG.warn("table {} is resynced as a whole: what it had left is not known", table.name());
      table.restart(); // first: as long as that fails, the request is retried
      table.notes().noRangeAgain();
      return;
    }
    LOG.info("table {} leaves the apply worker at {}", table.name(), until);
    if (exit.awaitPassed(lineage, until)) {
      leave(range, until, lineage);
    }
  }

  /**
   * Resyncs a table that was leaving when its worker ended: until a phase of it is stored the apply
   * worker acknowledges nothing, and other tables may have all workers and wait for that.
   *
   * @return whether there was such a table
   */
  public static boolean giveUp(Table table) {
    boolean left = table.syncRun() == null && table.state().isLeaving();
    if (left && table.wish() == Wish.RESYNC) {
      table.beginResync();
    } else if (left) {
      boolean unused = table.moveIf(TableState::isLeaving, new Resync());
      table.notes().noRangeAgain(); // afterwards: until that is stored, the range is not copied
    }
    return left;
  }

  /** Until this is stored the apply worker waits; so it is stored however long that takes. */
  private void leave(KeyRange range, Lsn until, SlotLineage lineage) throws InterruptedException {
    TableSchema version = store.getTableSchema(table.id(), until).orElseThrow();
    CopyOrigin origin =
        new CopyOrigin(lineage, version.snapshotLsn(), CopyOrigin.UNKNOWN_SHAPE, false);
    String ranges = CopyRangesText.of(CopyRanges.again(origin, range, until));
    attempts.run(
        () -> {
          if (table.state().isLeaving()) {
            store.storeCopyRanges(table.id(), ranges);
            boolean unused = table.moveIf(TableState::isLeaving, new RangeLeft());
          }
        });
    table.notes().noRangeAgain();
  }
}
