package dev.pgetl.internal.range;

import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;

/**
 * What a copy began with. Only under the same conditions is it continued.
 *
 * @param lineage the history of the table's slot
 * @param version the position of the version that all rows have
 * @param shape a digest of what decides how the table is read: name, columns, file, publication;
 *     {@link #UNKNOWN_SHAPE} before the first snapshot
 * @param replaces whether the destination keeps the rows aside until all have come
 */
public record CopyOrigin(SlotLineage lineage, Lsn version, String shape, boolean replaces) {
  /** No snapshot has been taken yet; the version says enough then. */
  public static final String UNKNOWN_SHAPE = "";

  /** {@return whether this is about one range of a table that had been copied before} */
  public boolean isOfRangeAgain() {
    return shape.equals(UNKNOWN_SHAPE);
  }
}
