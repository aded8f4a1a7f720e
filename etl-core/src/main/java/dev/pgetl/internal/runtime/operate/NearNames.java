package dev.pgetl.internal.runtime.operate;

import dev.pgetl.schema.TableName;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Which names an operator may have meant. Stateless. */
final class NearNames {
  private static final int MOST = 5;

  /** How much of a name may be wrong: every third letter. */
  private static final int SHARE = 3;

  private NearNames() {}

  /**
   * A name and how far it is from another one.
   *
   * @param name the name
   * @param distance how many letters differ; none if only the schema does, or the case
   */
  private record Near(TableName name, int distance) {}

  /** {@return the names that resemble another one, the nearest first; at most five} */
  static List<TableName> of(TableName wanted, Collection<TableName> names) {
    return names.stream()
        .map(name -> new Near(name, distance(wanted, name)))
        .filter(near -> near.distance <= Math.max(1, wanted.name().length() / SHARE))
        .sorted(Comparator.comparingInt(Near::distance).thenComparing(near -> near.name.toString()))
        .limit(MOST)
        .map(Near::name)
        .toList();
  }

  /** A name in another schema is as near as one that is written the same. */
  private static int distance(TableName wanted, TableName name) {
    return distance(lower(wanted.name()), lower(name.name()));
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** {@return how many letters have to be changed, added or left out} */
  private static int distance(String one, String other) {
    int[] last = new int[other.length() + 1];
    for (int to = 0; to <= other.length(); to++) {
      last[to] = to;
    }
    for (int from = 1; from <= one.length(); from++) {
      int[] next = new int[other.length() + 1];
      next[0] = from;
      for (int to = 1; to <= other.length(); to++) {
        int changed = last[to - 1] + (one.charAt(from - 1) == other.charAt(to - 1) ? 0 : 1);
        next[to] = Math.min(changed, 1 + Math.min(next[to - 1], last[to]));
      }
      last = next;
    }
    return last[other.length()];
  }
}
