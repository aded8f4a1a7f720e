package dev.pgetl.verify;

import dev.pgetl.destination.KeyRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of a table: a range of keys, or some groups of its keys. A row is in group {@link
 * RowHash#group} of its key. Immutable.
 *
 * @param range the range; null for the whole table
 * @param groups how many groups there are; a power of two
 * @param chosen the groups; empty for all of them
 */
public record RowPart(@Nullable KeyRange range, int groups, List<Integer> chosen) {
  public RowPart {
    if (Integer.bitCount(groups) != 1 || groups < 1) {
      throw new IllegalArgumentException("groups: a power of two, not " + groups);
    }
    chosen = List.copyOf(chosen);
  }

  /** {@return all rows of a range} */
  public static RowPart of(@Nullable KeyRange range) {
    return new RowPart(range, 1, List.of());
  }

  /** {@return the same rows in so many groups} */
  public RowPart in(int count) {
    return new RowPart(range, count, List.of());
  }

  /** {@return some of the groups} */
  public RowPart only(List<Integer> some) {
    return new RowPart(range, groups, some);
  }
}
