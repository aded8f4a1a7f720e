package dev.pgetl.store;

import dev.pgetl.wal.Lsn;
import java.util.Objects;

/**
 * The history that a position belongs to. Positions of different lineages cannot be compared.
 *
 * @param systemIdentifier the cluster ({@code IDENTIFY_SYSTEM})
 * @param timeline the cluster's timeline
 * @param slotCreatedAt the consistent point at which the pipeline created the slot
 */
public record SlotLineage(String systemIdentifier, int timeline, Lsn slotCreatedAt) {
  public SlotLineage {
    Objects.requireNonNull(systemIdentifier, "systemIdentifier");
    Objects.requireNonNull(slotCreatedAt, "slotCreatedAt");
  }
}
