package dev.pgetl.internal.value.text;

import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** {@code numeric} and {@code xid8}: digits without exponent, of any length. */
public final class NumericText {
  /** As many as Postgres keeps. */
  private static final int MAX_INTEGER_DIGITS = 131_072;

  private static final int MAX_SCALE = 16_383;
  private static final int MAX_LONG_DIGITS = 18;
  private static final BigInteger MAX_UNSIGNED8 =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  /** Up to here the JDK's way, whose time grows with the square of the length, is the fastest. */
  private static final int MAX_QUADRATIC_DIGITS = 1_000;

  private NumericText() {}

  public static BigDecimal numeric(byte[] bytes, int from, int to) {
    boolean negative = from < to && bytes[from] == '-';
    int first = negative ? from + 1 : from;
    int point = point(bytes, first, to);
    int scale = point == to ? 0 : to - point - 1;
    if (point == first || (point < to && scale == 0)) {
      throw new MalformedValueException("digits before and behind the point");
    }
    if (point - first > MAX_INTEGER_DIGITS || scale > MAX_SCALE) {
      throw new MalformedValueException("no more digits than Postgres keeps");
    }
    if (to - first <= MAX_LONG_DIGITS) {
      long unscaled = smallMagnitude(bytes, first, to);
      return BigDecimal.valueOf(negative ? -unscaled : unscaled, scale);
    }
    String digits = ascii(bytes, first, point) + ascii(bytes, to - scale, to);
    BigInteger unscaled = magnitude(digits, 0, digits.length());
    return new BigDecimal(negative ? unscaled.negate() : unscaled, scale);
  }

  public static BigInteger unsigned8(byte[] bytes, int from, int to) {
    if (point(bytes, from, to) != to || to - from < 1 || to - from > 20) {
      throw new MalformedValueException("1 to 20 digits");
    }
    BigInteger value = new BigInteger(ascii(bytes, from, to));
    if (value.compareTo(MAX_UNSIGNED8) > 0) {
      throw new MalformedValueException("a number of 64 bits");
    }
    return value;
  }

  /** Finds the only byte that is not a digit, the decimal point; {@code to} if there is none. */
  private static int point(byte[] bytes, int from, int to) {
    int point = to;
    for (int i = from; i < to; i++) {
      if (bytes[i] == '.' && point == to) {
        point = i;
      } else if (bytes[i] < '0' || bytes[i] > '9') {
        throw new MalformedValueException("digits and at most one point");
      }
    }
    return point;
  }

  private static long smallMagnitude(byte[] bytes, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      if (bytes[i] != '.') {
        value = value * 10 + (bytes[i] - '0');
      }
    }
    return value;
  }

  /** Halves the digits until they are few; the products of halves keep it below the square. */
  private static BigInteger magnitude(String digits, int from, int to) {
    if (to - from <= MAX_QUADRATIC_DIGITS) {
      return new BigInteger(digits.substring(from, to));
    }
    int middle = from + (to - from) / 2;
    return magnitude(digits, from, middle)
        .multiply(BigInteger.TEN.pow(to - middle))
        .add(magnitude(digits, middle, to));
  }

  private static String ascii(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
  }

  public static void appendNumeric(StringBuilder text, Object value) {
    BigDecimal number;
    if (value instanceof BigDecimal decimal) {
      number = decimal;
    } else if (value instanceof Integer || value instanceof Long) {
      number = BigDecimal.valueOf(((Number) value).longValue());
    } else {
      throw ValueCodec.unfit(value, BigDecimal.class);
    }
    if (number.precision() - (long) number.scale() > MAX_INTEGER_DIGITS
        || number.scale() > MAX_SCALE) {
      throw new IllegalArgumentException("a number of more digits than Postgres keeps");
    }
    text.append(number.toPlainString());
  }

  public static void appendUnsigned8(StringBuilder text, BigInteger value) {
    if (value.signum() < 0 || value.compareTo(MAX_UNSIGNED8) > 0) {
      throw new IllegalArgumentException("a number beyond the range of the type");
    }
    text.append(value);
  }
}
