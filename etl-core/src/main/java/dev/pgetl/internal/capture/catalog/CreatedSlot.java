package dev.pgetl.internal.capture.catalog;

import dev.pgetl.wal.Lsn;

/**
 * A slot that has just been made.
 *
 * @param consistentPoint its first position: everything committed before it is in the snapshot,
 *     everything else in the stream
 * @param snapshotName the exported snapshot; empty if none was asked for
 */
public record CreatedSlot(Lsn consistentPoint, String snapshotName) {}
