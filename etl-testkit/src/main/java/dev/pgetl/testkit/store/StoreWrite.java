package dev.pgetl.testkit.store;

import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import org.jspecify.annotations.Nullable;

/**
 * A write to a store.
 *
 * @param kind which method
 * @param table the table it is about; null if it is about a slot or several tables
 * @param phase the phase of {@link Kind#PHASE}, otherwise null
 * @param progress the progress of {@link Kind#PROGRESS}, otherwise null
 */
public record StoreWrite(
    Kind kind,
    @Nullable TableId table,
    @Nullable TableReplicationPhase phase,
    @Nullable ReplicationProgress progress) {

  /** The methods that write. */
  public enum Kind {
    /** {@code storeTableSchema}. */
    SCHEMA,
    /** {@code pruneTableSchemas}. */
    PRUNE,
    /** {@code updateTableReplicationState}. */
    PHASE,
    /** {@code rollbackTableReplicationState}. */
    ROLLBACK,
    /** {@code storeTableMapping}. */
    MAPPING,
    /** {@code storeReplicationProgress}. */
    PROGRESS,
    /** {@code deleteReplicationProgress}. */
    DELETE_PROGRESS,
    /** {@code storeCopyRanges}. */
    COPY_RANGES,
    /** {@code deleteCopyRanges}. */
    DELETE_COPY_RANGES,
    /** {@code cleanupTableState}. */
    CLEANUP
  }

  static StoreWrite of(Kind kind, @Nullable TableId table) {
    return new StoreWrite(kind, table, null, null);
  }

  static StoreWrite phase(TableId table, TableReplicationPhase phase) {
    return new StoreWrite(Kind.PHASE, table, phase, null);
  }

  static StoreWrite progress(ReplicationProgress progress) {
    return new StoreWrite(Kind.PROGRESS, null, null, progress);
  }
}
