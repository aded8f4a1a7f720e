package dev.pgetl.internal.value.order;

import org.jspecify.annotations.Nullable;

/**
 * The keys between two others of the same order. Immutable.
 *
 * @param from the first key; null if the interval begins with the smallest
 * @param to the key behind the last one; null if the interval ends with the greatest
 */
public record KeyInterval(KeyOrder.@Nullable Key from, KeyOrder.@Nullable Key to) {
  /**
   * {@return the interval between two values}
   *
   * @param order the order of the values
   * @param from the text of the first value, or null
   * @param to the text of the value behind the last one, or null
   * @throws IllegalArgumentException if a text is malformed
   */
  public static KeyInterval of(KeyOrder order, @Nullable String from, @Nullable String to) {
    return new KeyInterval(
        from == null ? null : order.key(from), to == null ? null : order.key(to));
  }

  /** {@return whether a key may be one of both} */
  public boolean overlaps(KeyInterval other) {
    return endsBehind(to, other.from) && endsBehind(other.to, from);
  }

  private static boolean endsBehind(KeyOrder.@Nullable Key to, KeyOrder.@Nullable Key from) {
    return to == null || from == null || to.compareTo(from) > 0;
  }

  /** {@return whether a key is one of them} */
  public boolean contains(KeyOrder.Key key) {
    return (from == null || from.compareTo(key) <= 0) && (to == null || to.compareTo(key) > 0);
  }
}
