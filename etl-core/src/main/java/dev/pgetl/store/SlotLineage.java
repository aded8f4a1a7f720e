package dev.pgetl.store;

import dev.pgetl.wal.Lsn;
import java.util.Objects;

/**
 * Which history a position belongs to. Positions of different lineages say nothing about each
 * other.
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
