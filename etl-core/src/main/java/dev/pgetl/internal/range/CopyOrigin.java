package dev.pgetl.internal.range;

import dev.pgetl.store.SlotLineage;

/**
 * What a copy began with. Only under the same conditions is it continued.
 *
 * @param lineage the history of the table's slot, whose first position is that of the version all
 *     rows have
 * @param shape a digest of what decides how the table is read: name, columns, file, publication
 */
public record CopyOrigin(SlotLineage lineage, String shape) {}
