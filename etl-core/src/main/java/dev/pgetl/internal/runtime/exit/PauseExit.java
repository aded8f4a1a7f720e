package dev.pgetl.internal.runtime.exit;

import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a table from the apply worker so that the destination gets nothing of it for a while. A
 * slot of its own, made before, holds what is committed from there on; once the table is resumed
 * its sync worker streams that, as after a copy. Runs once, on the table sync worker's thread.
 */
public final class PauseExit {
  private static final Logger LOG = LoggerFactory.getLogger(PauseExit.class);

  private final PipelineContext context;
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
  public PauseExit(
      PipelineContext context,
      Tables tables,
      Table table,
      ApplyProgress apply,
      TableCopier copier,
      Attempts attempts,
      BooleanSupplier stopped) {
    this.context = context;
    this.tables = tables;
    this.table = table;
    this.apply = apply;
    this.copier = copier;
    this.attempts = attempts;
    this.stopped = stopped;
  }

  /**
   * Has the table leave: it is paused then, or continues on its own if it was resumed meanwhile.
   *
   * @param slot the name of its slot
   */
  public void run(String slot) throws InterruptedException {
    SlotLineage lineage = ExitSlot.create(context, copier, slot);
    ExitPoint exit = new ExitPoint(tables, table, apply, stopped);
    Lsn until = exit.agree(lineage);
    if (until == null) {
      return;
    } else if (until.equals(Lsn.ZERO)) {
      LOG.warn("table {} is not paused: the destination has refused a change of it", table.name());
      table.unpause();
      return;
    }
    LOG.info("table {} leaves the apply worker at {}", table.name(), until);
    if (exit.awaitPassed(lineage, until)) {
      leave(new ReplicationProgress(slot, lineage, until));
    }
  }

  /** Until this is stored the apply worker waits; so it is stored however long that takes. */
  private void leave(ReplicationProgress start) throws InterruptedException {
    attempts.run(
        () -> {
          if (table.state().isLeaving()) {
            context.store().storeReplicationProgress(start);
            context.store().deleteCopyRanges(table.id()); // of a copy that is complete
            table.leavePaused();
          }
        });
  }
}
