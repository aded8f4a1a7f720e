package dev.pgetl.data;

import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * A value of Postgres that the Java type of its column cannot hold.
 *
 * <p>{@link TableRow#get(int)} gives a {@link java.math.BigDecimal} for a {@code numeric}, a {@link
 * java.time.LocalDate} for a {@code date} and so on; for the few values these types lack it gives
 * one of the types below instead, on its own and inside arrays, ranges and composites alike. So no
 * value is bent, none is mistaken for an ordinary one, and one {@code instanceof SpecialValue}
 * finds them all. Immutable, equal by value.
 */
public sealed interface SpecialValue
    permits SpecialValue.NonFinite, SpecialValue.EndOfDay, PgArray {

  /**
   * A value beyond the finite ones.
   *
   * <p>The infinities of {@code numeric}, {@code date}, {@code timestamp}, {@code timestamptz} and
   * {@code interval}, the not-a-number of {@code numeric}. Those of {@code real} and {@code double
   * precision} are ordinary values of {@link Float} and {@link Double}.
   */
  enum NonFinite implements SpecialValue {
    /** Not a number; equal to itself, as in Postgres. */
    NAN,
    /** Greater than every finite value. */
    POSITIVE_INFINITY,
    /** Smaller than every finite value. */
    NEGATIVE_INFINITY
  }

  /**
   * The time 24:00:00 of {@code time} and {@code timetz}, which is neither 00:00:00 nor the last
   * microsecond of the day.
   *
   * @param offset the offset of a {@code timetz}; null for a {@code time}
   */
  record EndOfDay(@Nullable ZoneOffset offset) implements SpecialValue {}
}
