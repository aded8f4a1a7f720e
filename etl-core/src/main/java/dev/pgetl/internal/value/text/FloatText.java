package dev.pgetl.internal.value.text;

import dev.pgetl.internal.value.MalformedValueException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Reads floating-point numbers from bytes, always as the nearest value (ties to even), nearly
 * always without a String.
 *
 * <p>Three ways, from fast to slow. Few digits and a small power of ten are both exact doubles, so
 * one multiplication or division rounds correctly (Clinger 1990). Otherwise the digits are
 * multiplied with the leading 64 bits of the power of five; the product is short of the true one by
 * less than one unit of its upper half, which leaves the rounding open in about one of a thousand
 * cases. These, and more than 19 digits, are left to the JDK.
 */
public final class FloatText {
  /** As many as 64 bits hold without a sign. */
  private static final int MAX_DIGITS = 19;

  /** Beside a smaller power of ten even 19 digits are less than half of the least double. */
  private static final int MIN_POWER = -342;

  /** Beside a larger one even a single digit is more than the greatest double. */
  private static final int MAX_POWER = 308;

  private static final int MAX_EXPONENT_DIGITS = 5;
  private static final long MAX_EXACT_INTEGER = 1L << 53;
  private static final int DOUBLE_BITS = 53;
  private static final int MIN_BINARY_EXPONENT = -1074;
  private static final long INFINITY_BITS = 0x7FFL << 52;

  private static final double[] EXACT_POWERS_OF_TEN = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  /** The leading 64 bits of each power of five, the rest cut off. */
  private static final long[] POWERS_OF_FIVE = new long[MAX_POWER - MIN_POWER + 1];

  /** By which power of two those bits are too large. */
  private static final int[] POWERS_OF_FIVE_SHIFT = new int[POWERS_OF_FIVE.length];

  static {
    BigInteger power = BigInteger.ONE;
    for (int exponent = 0; exponent <= -MIN_POWER; exponent++) {
      int length = power.bitLength();
      if (exponent <= MAX_POWER) {
        BigInteger leading =
            length <= 64 ? power.shiftLeft(64 - length) : power.shiftRight(length - 64);
        POWERS_OF_FIVE[exponent - MIN_POWER] = leading.longValue();
        POWERS_OF_FIVE_SHIFT[exponent - MIN_POWER] = 64 - length;
      }
      if (exponent > 0) {
        BigInteger reciprocal = BigInteger.ONE.shiftLeft(length + 63).divide(power);
        POWERS_OF_FIVE[-exponent - MIN_POWER] = reciprocal.longValue();
        POWERS_OF_FIVE_SHIFT[-exponent - MIN_POWER] = length + 63;
      }
      power = power.multiply(BigInteger.valueOf(5));
    }
  }

  private FloatText() {}

  public static double parseDouble(byte[] bytes, int from, int to) {
    if (from < to && bytes[to - 1] > '9') {
      return nonFinite(bytes, from, to);
    }
    return finite(bytes, from, to);
  }

  /**
   * Rounds to a double first. That rounds twice, which goes wrong only if the double lies right
   * between two floats: then the JDK decides.
   */
  public static float parseFloat(byte[] bytes, int from, int to) {
    double number = parseDouble(bytes, from, to);
    float nearest = (float) number;
    if (nearest == number || Double.isNaN(number)) {
      return nearest;
    }
    float other = nearest < number ? Math.nextUp(nearest) : Math.nextDown(nearest);
    if (Float.isInfinite(nearest)
        || Float.isInfinite(other)
        || number - (double) nearest == (double) other - number) {
      nearest = Float.parseFloat(ascii(bytes, from, to));
    }
    if (nearest == 0 || Float.isInfinite(nearest)) {
      throw new MalformedValueException("a number in the range of the type");
    }
    return nearest;
  }

  private static double nonFinite(byte[] bytes, int from, int to) {
    return switch (ascii(bytes, from, to)) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw new MalformedValueException("digits");
    };
  }

  /** Reads {@code -1.2345e+67}: the digits as one whole number and the power of ten beside it. */
  private static double finite(byte[] bytes, int from, int to) {
    boolean negative = from < to && bytes[from] == '-';
    int first = negative ? from + 1 : from;
    int end = first;
    int point = -1;
    long digits = 0;
    for (; end < to && bytes[end] != 'e'; end++) {
      int digit = bytes[end] - '0';
      if (digit >= 0 && digit <= 9) {
        digits = digits * 10 + digit;
      } else if (bytes[end] == '.' && point < 0 && end > first) {
        point = end;
      } else {
        throw new MalformedValueException("digits and at most one point");
      }
    }
    int count = end - first - (point < 0 ? 0 : 1);
    if (count == 0 || point == end - 1) {
      throw new MalformedValueException("digits before and behind the point");
    }
    int power = exponent(bytes, end, to) - (point < 0 ? 0 : end - point - 1);
    double magnitude =
        count > MAX_DIGITS
            ? Math.abs(Double.parseDouble(ascii(bytes, from, to)))
            : magnitude(digits, power, bytes, from, to);
    if (Double.isInfinite(magnitude) || (magnitude == 0 && !isZero(bytes, first, end))) {
      throw new MalformedValueException("a number in the range of the type");
    }
    return negative ? -magnitude : magnitude;
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != '0' && bytes[i] != '.') {
        return false;
      }
    }
    return true;
  }

  /** Reads nothing, or {@code e+12}. */
  private static int exponent(byte[] bytes, int from, int to) {
    if (from == to) {
      return 0;
    }
    int sign = from + 1;
    boolean signed = sign < to && (bytes[sign] == '+' || bytes[sign] == '-');
    int first = signed ? sign + 1 : sign;
    if (to - first < 1 || to - first > MAX_EXPONENT_DIGITS) {
      throw new MalformedValueException("an exponent");
    }
    int exponent = 0;
    for (int i = first; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        throw new MalformedValueException("an exponent");
      }
      exponent = exponent * 10 + digit;
    }
    return bytes[sign] == '-' ? -exponent : exponent;
  }

  private static double magnitude(long digits, int power, byte[] bytes, int from, int to) {
    if (digits == 0) {
      return 0;
    }
    int size = Math.abs(power);
    if (size < EXACT_POWERS_OF_TEN.length && digits > 0 && digits <= MAX_EXACT_INTEGER) {
      return power < 0 ? digits / EXACT_POWERS_OF_TEN[size] : digits * EXACT_POWERS_OF_TEN[size];
    }
    if (power > MAX_POWER) {
      return Double.POSITIVE_INFINITY;
    }
    double nearest = power < MIN_POWER ? 0 : nearest(digits, power);
    return Double.isNaN(nearest) ? Math.abs(Double.parseDouble(ascii(bytes, from, to))) : nearest;
  }

  /** {@return the double nearest to {@code digits * 10^power}, NaN if the bits do not decide} */
  private static double nearest(long digits, int power) {
    int leadingZeros = Long.numberOfLeadingZeros(digits);
    long factor = digits << leadingZeros;
    long powerOfFive = POWERS_OF_FIVE[power - MIN_POWER];
    long high = unsignedMultiplyHigh(factor, powerOfFive);
    int shift = POWERS_OF_FIVE_SHIFT[power - MIN_POWER];
    // The true value is (high + f) * 2^exponent, 0 <= f < 2.
    int exponent = 64 + power - leadingZeros - shift;
    int length = 64 - Long.numberOfLeadingZeros(high);
    int dropped = Math.max(length - DOUBLE_BITS, MIN_BINARY_EXPONENT - exponent);
    if (dropped >= 63) {
      return Double.NaN;
    }
    long rest = high & (1L << dropped) - 1;
    long half = 1L << (dropped - 1);
    if (rest == half - 1 || (rest == half && factor * powerOfFive == 0)) {
      return Double.NaN;
    }
    long mantissa = (high >>> dropped) + (rest >= half ? 1 : 0);
    // The leading bit of a full mantissa belongs to the exponent and is added to it, so that a
    // mantissa rounded up to 54 bits and one too short to have it come out right as well.
    long bits = mantissa + ((long) (exponent + dropped - MIN_BINARY_EXPONENT) << 52);
    return bits >= INFINITY_BITS ? Double.POSITIVE_INFINITY : Double.longBitsToDouble(bits);
  }

  private static long unsignedMultiplyHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
  }

  private static String ascii(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
  }
}
