package dev.pgetl.verify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one key. Immutable; {@link #toString} contains no values.
 *
 * @param key the values of the key in the text form of Postgres; without key columns, the decimal
 *     text of the row's hash
 * @param rows how many rows have the key
 * @param sum the sum of their hashes ({@link RowHash#row}) modulo 2^64
 * @param version another number whenever rows of the key were written, removed and written again,
 *     or changed in any way, also if they have the same values afterwards
 * @param untouched whether no transaction has begun to change rows of the key or to add one; false
 *     if that is not known
 */
public record KeyHash(List<String> key, long rows, long sum, long version, boolean untouched) {
  public KeyHash {
    key = List.copyOf(key);
  }

  /** {@return whether both sides have the same rows of the key; null for no row} */
  public static boolean sameRows(@Nullable KeyHash one, @Nullable KeyHash other) {
    if (one == null || other == null) {
      return one == null && other == null;
    }
    return one.rows == other.rows && one.sum == other.sum;
  }

  @Override
  public String toString() {
    return "KeyHash[rows=" + rows + "]";
  }
}
