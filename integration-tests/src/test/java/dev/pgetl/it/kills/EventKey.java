package dev.pgetl.it.kills;

import java.util.Comparator;

/**
 * The key of an event.
 *
 * @param commit the position of its transaction
 * @param ordinal its place in it
 */
record EventKey(long commit, long ordinal) implements Comparable<EventKey> {
  /** Smaller than that of any event. */
  static final EventKey NONE = new EventKey(0, 0);

  private static final Comparator<EventKey> ORDER =
      Comparator.comparing(EventKey::commit, Long::compareUnsigned)
          .thenComparingLong(EventKey::ordinal);

  @Override
  public int compareTo(EventKey other) {
    return ORDER.compare(this, other);
  }

  boolean isAfter(EventKey other) {
    return compareTo(other) > 0;
  }

  @Override
  public String toString() {
    return Long.toHexString(commit) + "#" + ordinal;
  }
}
