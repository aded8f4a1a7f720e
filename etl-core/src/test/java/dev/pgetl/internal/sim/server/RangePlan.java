package dev.pgetl.internal.sim.server;

import dev.pgetl.destination.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Ranges of the key of scripted tables, a whole number. Stateless, and knows nothing of how the
 * engine compares keys.
 */
public final class RangePlan {
  private static final int MOST_ENDS = 5;
  private static final int KEYS_OF_A_SESSION = 1_000;

  private RangePlan() {}

  /**
   * {@return ranges that together are all keys} Their ends are keys that are there, those behind
   * them, and others; some ranges have no rows.
   */
  static List<KeyRange> of(Table table, RandomGenerator random) {
    List<Integer> keys = table.rows().keySet().stream().map(Integer::valueOf).toList();
    TreeSet<Integer> ends = new TreeSet<>();
    int count = random.nextInt(MOST_ENDS);
    for (int i = 0; i < count; i++) {
      boolean present = !keys.isEmpty() && random.nextInt(3) > 0;
      int key =
          present
              ? keys.get(random.nextInt(keys.size()))
              : random.nextInt(3) * KEYS_OF_A_SESSION - 1 + random.nextInt(15);
      ends.add(key + random.nextInt(2));
    }
    return between(table, ends);
  }

  /** {@return ranges that together are all keys, and begin at some} */
  static List<KeyRange> between(Table table, Iterable<Integer> ends) {
    String column = table.shape().columns().get(0).name();
    List<KeyRange> ranges = new ArrayList<>();
    String from = null;
    for (int end : ends) {
      String to = Integer.toString(end);
      ranges.add(new KeyRange(column, from, to));
      from = to;
    }
    ranges.add(new KeyRange(column, from, null));
    return ranges;
  }

  /** {@return whether a key lies in a range} */
  public static boolean contains(KeyRange range, String key) {
    String from = range.from();
    String to = range.to();
    int number = Integer.parseInt(key);
    return (from == null || number >= Integer.parseInt(from))
        && (to == null || number < Integer.parseInt(to));
  }
}
