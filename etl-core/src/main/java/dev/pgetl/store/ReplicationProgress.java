package dev.pgetl.store;

import dev.pgetl.wal.Lsn;
import java.util.Objects;

/**
 * The position up to which a slot's changes are durable in the destination.
 *
 * @param slotName the replication slot
 * @param lineage the history the position belongs to
 * @param flushedLsn everything committed before it is durable in the destination
 */
public record ReplicationProgress(String slotName, SlotLineage lineage, Lsn flushedLsn) {
  public ReplicationProgress {
    Objects.requireNonNull(slotName, "slotName");
    Objects.requireNonNull(lineage, "lineage");
    Objects.requireNonNull(flushedLsn, "flushedLsn");
  }
}
