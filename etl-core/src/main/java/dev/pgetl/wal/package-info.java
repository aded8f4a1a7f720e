/** Positions in the write-ahead log. */
@NullMarked
package dev.pgetl.wal;

import org.jspecify.annotations.NullMarked;
