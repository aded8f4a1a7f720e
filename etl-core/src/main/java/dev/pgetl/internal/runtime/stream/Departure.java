package dev.pgetl.internal.runtime.stream;

import dev.pgetl.wal.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * How a table leaves that is not published any more. The server still sends what transactions did
 * to it that were open when that was seen.
 *
 * @param next the first transaction that had not begun then
 * @param end where the log was when all before had ended; null until they have
 */
public record Departure(long next, @Nullable Lsn end) {}
