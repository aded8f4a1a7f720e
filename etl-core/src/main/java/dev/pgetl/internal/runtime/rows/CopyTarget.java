package dev.pgetl.internal.runtime.rows;

import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.worker.PipelineContext;
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
  private final Table table;
  private final CopyDelivery delivery;

  /** Creates the target of one copy. */
  public CopyTarget(PipelineContext context, Table table, CopyDelivery delivery) {
    this.store = context.store();
    this.table = table;
    this.delivery = delivery;
  }

  /**
   * The destination may hold rows of an earlier copy, even one the store knows nothing of. It keeps
   * them until the snapshot stands: getting there may take as long as others' transactions.
   */
  public void truncate(TableSchema next) throws InterruptedException {
    Failpoint.BEFORE_TRUNCATE.reached();
    TableSchema answered = table.notes().answered();
    TableSchema stored = store.getTableSchema(table.id()).orElse(null);
    delivery.truncate(answered == null ? stored : answered, next);
    table.notes().answered(next);
    Failpoint.AFTER_TRUNCATE.reached();
  }

  /**
   * Versions from behind the snapshot belong to a history that was lost: the database was restored,
   * or is another one. The destination has truncated the table, so they are of no use any more.
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
