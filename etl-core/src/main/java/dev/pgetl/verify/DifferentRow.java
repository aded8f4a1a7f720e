package dev.pgetl.verify;

import java.util.List;
import java.util.Objects;

/**
 * A key whose rows differ. Immutable; {@link #toString} contains no values: keys are data and do
 * not belong in logs.
 *
 * @param kind how
 * @param key the values of the key in the text form of Postgres; without key columns, the hash of
 *     the row
 * @param part where it was found
 */
public record DifferentRow(Kind kind, List<String> key, RowPart part) {
  /** How the rows of a key differ. */
  public enum Kind {
    /** The destination has fewer rows of the key, or none. */
    MISSING,
    /** The destination has rows of a key that the source does not have. */
    EXTRA,
    /** The destination has more rows of the key than the source. */
    DOUBLED,
    /** The destination has other values. */
    VALUE;

    /** {@return how they differ} */
    static Kind of(long source, long destination) {
      if (destination < source) {
        return MISSING;
      }
      if (source == 0) {
        return EXTRA;
      }
      return destination > source ? DOUBLED : VALUE;
    }
  }

  public DifferentRow {
    Objects.requireNonNull(kind, "kind");
    key = List.copyOf(key);
    Objects.requireNonNull(part, "part");
  }

  /**
   * {@return the difference of a key}
   *
   * @param sourceRows how many rows the source has
   * @param rows how many the destination has
   */
  public static DifferentRow of(long sourceRows, long rows, List<String> key, RowPart part) {
    return new DifferentRow(Kind.of(sourceRows, rows), key, part);
  }

  @Override
  public String toString() {
    return "DifferentRow[" + kind + "]";
  }
}
