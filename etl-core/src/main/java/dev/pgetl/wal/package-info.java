/**
 * Positions in the write-ahead log. An {@link dev.pgetl.wal.Lsn} is one: read from Postgres, kept
 * by stores, waited for with {@link dev.pgetl.Pipeline#awaitApplied}.
 */
@NullMarked
package dev.pgetl.wal;

import org.jspecify.annotations.NullMarked;
