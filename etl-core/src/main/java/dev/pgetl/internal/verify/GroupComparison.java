package dev.pgetl.internal.verify;

import dev.pgetl.verify.GroupHash;
import dev.pgetl.verify.RowPart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the hashes of a part's groups show. Immutable.
 *
 * @param part the part
 * @param rows how many rows it has, on the side that has more
 * @param equal how many rows are in groups that are equal
 * @param different the groups that are not, each with its rows on the side that has more
 */
record GroupComparison(RowPart part, long rows, long equal, Map<Integer, Long> different) {
  /** So few rows of a group differ that it is cheap to list all of them. */
  private static final int ROWS_OF_A_GROUP = 64;

  private static final int MOST_GROUPS = 1 << 18;

  static GroupComparison of(RowPart part, List<GroupHash> source, List<GroupHash> target) {
    Map<Integer, GroupHash> targets = new HashMap<>();
    target.forEach(group -> targets.put(group.group(), group));
    long rows = 0;
    long equal = 0;
    Map<Integer, Long> different = new TreeMap<>();
    for (GroupHash group : source) {
      GroupHash other = targets.remove(group.group());
      long most = Math.max(group.rows(), other == null ? 0 : other.rows());
      rows += most;
      if (group.equals(other)) {
        equal += most;
      } else {
        different.put(group.group(), most);
      }
    }
    for (GroupHash extra : targets.values()) {
      rows += extra.rows();
      different.put(extra.group(), extra.rows());
    }
    return new GroupComparison(part, rows, equal, different);
  }

  /** {@return whether it is one group of more rows than are listed at once} */
  boolean isTooLarge(int listedRows) {
    return part.groups() == 1 && !different.isEmpty() && rows > listedRows;
  }

  /** {@return the part in small groups} */
  RowPart split() {
    long wanted = Math.max(2, Math.min(MOST_GROUPS, rows / ROWS_OF_A_GROUP));
    return part.in((int) Long.highestOneBit(wanted));
  }

  /**
   * Some groups that differ.
   *
   * @param part the groups
   * @param rows how many rows they have
   */
  record Listed(RowPart part, long rows) {}

  /** {@return the groups that differ, so many at once that they have about so many rows} */
  List<Listed> listed(int listedRows) {
    List<Listed> all = new ArrayList<>();
    List<Integer> chosen = new ArrayList<>();
    long sum = 0;
    for (Map.Entry<Integer, Long> group : different.entrySet()) {
      if (sum > 0 && sum + group.getValue() > listedRows) {
        all.add(chosen(chosen, sum));
        chosen.clear();
        sum = 0;
      }
      chosen.add(group.getKey());
      sum += group.getValue();
    }
    if (!chosen.isEmpty()) {
      all.add(chosen(chosen, sum));
    }
    return all;
  }

  private Listed chosen(List<Integer> chosen, long sum) {
    return new Listed(part.groups() == 1 ? part : part.only(chosen), sum);
  }
}
