package dev.pgetl.internal.estimate;

import org.jspecify.annotations.Nullable;

/**
 * What a copy has to read, as far as that is known.
 *
 * @param bytes how many there are on disk; negative if not known
 * @param planned how many rows there are, as the planner's statistics say; negative if not known
 * @param spread how they lie, by a sample; null if there is none
 * @param filtered whether only some of them are copied
 */
public record TableExtent(long bytes, long planned, @Nullable RowSpread spread, boolean filtered) {
  private static final long NOT_KNOWN = -1;

  /** A table before anything of it was read. */
  public static final TableExtent NOTHING_KNOWN =
      new TableExtent(NOT_KNOWN, NOT_KNOWN, null, false);
}
