package dev.pgetl.internal.runtime.rows;

import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.wal.Lsn;
import java.util.Optional;

/**
 * What a copy of a table meets in the destination and in the store, and how both are prepared for
 * it. Owned by the table's sync worker.
 */
public final class CopyTarget {
  private final PipelineStore store;
  private final PipelineListener listener;
  private final Table table;
  private final CopyDelivery delivery;

  /** Creates the target of one copy. */
  public CopyTarget(PipelineContext context, Table table, CopyDelivery delivery) {
    this.store = context.store();
    this.listener = context.listener();
    this.table = table;
    this.delivery = delivery;
  }

  /**
   * The destination may hold rows of an earlier copy, even one the store knows nothing of. It keeps
   * them until the snapshot stands: getting there may take as long as others' transactions. From
   * here on it removes them, or keeps the new ones aside.
   *
   * @return whether the new rows are kept aside
   */
  public boolean begin(TableSchema next) throws InterruptedException {
    Failpoint.BEFORE_TRUNCATE.reached();
    TableSchema answered = table.notes().answered();
    TableSchema stored = store.getTableSchema(table.id()).orElse(null);
    TableSchema last = answered == null ? stored : answered;
    boolean replaces = delivery.replace(last, next);
    if (!replaces) {
      delivery.truncate(last, next);
    }
    table.notes().prepared(last, next, listener);
    Failpoint.AFTER_TRUNCATE.reached();
    return replaces;
  }

  /**
   * Versions from behind the snapshot belong to a history that was lost: the database was restored,
   * or is another one. The destination has none of their rows, or replaces them, so they are of no
   * use.
   */
  public void forgetOtherHistory(Lsn start) {
    TableId id = table.id();
    Optional<TableSchema> newest = store.getTableSchema(id);
    if (newest.isPresent() && newest.get().snapshotLsn().isAfter(start)) {
      Optional<String> mapping = store.getTableMapping(id);
      store.cleanupTableState(id);
      mapping.ifPresent(destinationTable -> store.storeTableMapping(id, destinationTable));
      table.move(new CopyStarted());
    }
  }
}
