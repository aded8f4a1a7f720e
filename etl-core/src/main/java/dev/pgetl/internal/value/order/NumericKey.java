package dev.pgetl.internal.value.order;

import dev.pgetl.data.SpecialValue.NonFinite;
import dev.pgetl.internal.value.ValueCodec;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A {@code numeric} key. The scale does not count: 1.0 equals 1.00.
 *
 * @param rank orders the values that are not finite around the finite ones, whose rank is zero
 * @param number the finite number, otherwise zero
 */
record NumericKey(int rank, BigDecimal number) implements KeyOrder.Key {
  private static final KeyOrder.Key MINUS_INFINITY = new NumericKey(-1, BigDecimal.ZERO);
  private static final KeyOrder.Key INFINITY = new NumericKey(1, BigDecimal.ZERO);
  private static final KeyOrder.Key NAN = new NumericKey(2, BigDecimal.ZERO);

  static KeyOrder.Key of(Object value) {
    if (value instanceof BigDecimal number) {
      return new NumericKey(0, number);
    }
    if (value instanceof NonFinite special) {
      return switch (special) {
        case NEGATIVE_INFINITY -> MINUS_INFINITY;
        case POSITIVE_INFINITY -> INFINITY;
        case NAN -> NAN;
      };
    }
    throw ValueCodec.unfit(value, BigDecimal.class);
  }

  @Override
  public int compareTo(KeyOrder.Key other) {
    NumericKey that = (NumericKey) other;
    return rank != that.rank ? Integer.compare(rank, that.rank) : number.compareTo(that.number);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NumericKey that && compareTo(that) == 0;
  }

  /** Numbers that differ in scale only have the same nearest double; to strip zeros is slow. */
  @Override
  public int hashCode() {
    return 31 * rank + Double.hashCode(number.doubleValue());
  }

  @Override
  public String toString() {
    return KeyOrder.REDACTED;
  }
}
