package dev.pgetl.data;

import org.jspecify.annotations.Nullable;

/**
 * A range, as Postgres prints it: ranges of whole numbers and dates include their lower and exclude
 * their upper bound.
 *
 * <p>A missing bound means unbounded; that is not the same as a bound that is itself {@linkplain
 * SpecialValue.NonFinite infinite}. Immutable, equal by value.
 *
 * @param <T> the class of the bounds; {@code Object} where they may be {@link SpecialValue}s
 * @param lower the lower bound; null if there is none
 * @param lowerInclusive whether the lower bound belongs to the range; false if there is none
 * @param upper the upper bound; null if there is none
 * @param upperInclusive whether the upper bound belongs to the range; false if there is none
 * @param isEmpty whether no value lies in it; an empty range has no bounds
 */
public record PgRange<T>(
    @Nullable T lower,
    boolean lowerInclusive,
    @Nullable T upper,
    boolean upperInclusive,
    boolean isEmpty) {

  public PgRange {
    if ((lower == null && lowerInclusive) || (upper == null && upperInclusive)) {
      throw new IllegalArgumentException("a bound that is not there cannot be inclusive");
    }
    if (isEmpty && (lower != null || upper != null)) {
      throw new IllegalArgumentException("an empty range has no bounds");
    }
  }

  /**
   * {@return the range without values}
   *
   * @param <T> the class of the bounds
   */
  public static <T> PgRange<T> empty() {
    return new PgRange<>(null, false, null, false, true);
  }

  /**
   * {@return the values from one bound up to but without the other}
   *
   * @param <T> the class of the bounds
   * @param lower the lower bound; null for none
   * @param upper the upper bound; null for none
   */
  public static <T> PgRange<T> closedOpen(@Nullable T lower, @Nullable T upper) {
    return new PgRange<>(lower, lower != null, upper, false, false);
  }
}
