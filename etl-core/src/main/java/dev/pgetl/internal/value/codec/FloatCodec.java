package dev.pgetl.internal.value.codec;

import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.binary.BinaryNumbers;
import dev.pgetl.internal.value.text.FloatText;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** {@code real} and {@code double precision}. */
public enum FloatCodec implements ValueCodec {
  /** {@code real}. */
  FLOAT4(Float.class, 9, 6, 10),
  /** {@code double precision}. */
  FLOAT8(Double.class, 17, 15, 22);

  private static final double[] EXACT_POWERS_OF_TEN =
      IntStream.rangeClosed(0, 22).mapToDouble(power -> Double.parseDouble("1e" + power)).toArray();

  private static final BigDecimal TWO = BigDecimal.valueOf(2);

  /** Below a power of two neighbours are closer: there the nearest decimal may be another's. */
  private static final List<RoundingMode> NEAREST_FIRST =
      List.of(RoundingMode.HALF_EVEN, RoundingMode.DOWN, RoundingMode.UP);

  private final Class<?> javaType;

  /** So many significant digits distinguish every value from its neighbours. */
  private final int maxDigits;

  /**
   * No two decimals of so few digits are the same value. From this power of ten on Postgres prints
   * an exponent.
   */
  private final int exactDigits;

  /** The greatest power of ten that is a value of the type. */
  private final int maxExactPower;

  FloatCodec(Class<?> javaType, int maxDigits, int exactDigits, int maxExactPower) {
    this.javaType = javaType;
    this.maxDigits = maxDigits;
    this.exactDigits = exactDigits;
    this.maxExactPower = maxExactPower;
  }

  @Override
  public Class<?> javaType() {
    return javaType;
  }

  @Override
  public Object decode(byte[] bytes, int from, int to) {
    return this == FLOAT4
        ? (Object) FloatText.parseFloat(bytes, from, to)
        : (Object) FloatText.parseDouble(bytes, from, to);
  }

  /** Reads either type; every {@code real} is also a double. */
  public double decodeDouble(byte[] bytes, int from, int to) {
    return this == FLOAT4
        ? FloatText.parseFloat(bytes, from, to)
        : FloatText.parseDouble(bytes, from, to);
  }

  @Override
  public boolean readsBinary() {
    return true;
  }

  @Override
  public Object decodeBinary(byte[] bytes, int from, int to) {
    double number = decodeBinaryDouble(bytes, from, to);
    return this == FLOAT4 ? (Object) (float) number : (Object) number;
  }

  /** Reads the bits of IEEE 754. There are many NaNs, which Postgres prints alike. */
  public double decodeBinaryDouble(byte[] bytes, int from, int to) {
    double number =
        this == FLOAT4
            ? Float.intBitsToFloat(BinaryNumbers.int32(bytes, from, to))
            : Double.longBitsToDouble(BinaryNumbers.int64(bytes, from, to));
    return Double.isNaN(number) ? Double.NaN : number;
  }

  @Override
  public void encode(Object value, StringBuilder text) {
    if (!javaType.isInstance(value)) {
      throw ValueCodec.unfit(value, javaType);
    }
    double number = ((Number) value).doubleValue();
    if (Double.isNaN(number)) {
      text.append("NaN");
      return;
    }
    text.append(Math.copySign(1, number) < 0 ? "-" : "");
    if (Double.isInfinite(number)) {
      text.append("Infinity");
    } else if (number == 0) {
      text.append('0');
    } else {
      append(text, shortest(Math.abs(number)));
    }
  }

  /**
   * {@return the decimal of fewest digits that is nearer to this value than to its neighbours, of
   * those the nearest} Like Postgres it does not take the middle between two neighbours.
   */
  private BigDecimal shortest(double number) {
    BigDecimal few = ofFewDigits(number);
    return few == null ? ofManyDigits(number) : few;
  }

  /**
   * {@return the only decimal of so few digits that is read as this number, null if there is none
   * or it takes a larger power of ten than is exact} Whole number and power are exact, so their
   * quotient is the number the decimal is read as.
   */
  private @Nullable BigDecimal ofFewDigits(double number) {
    double limit = EXACT_POWERS_OF_TEN[exactDigits];
    for (int scale = 0; scale <= maxExactPower; scale++) {
      double whole = Math.rint(number * EXACT_POWERS_OF_TEN[scale]);
      if (whole >= limit) {
        return null;
      }
      if (quotient(whole, EXACT_POWERS_OF_TEN[scale]) == number) {
        return BigDecimal.valueOf((long) whole, scale);
      }
    }
    return null;
  }

  private double quotient(double whole, double power) {
    return this == FLOAT4 ? (float) whole / (float) power : whole / power;
  }

  private BigDecimal ofManyDigits(double number) {
    BigDecimal exact = new BigDecimal(number);
    double above = -below(-number);
    BigDecimal low = middle(exact, below(number));
    BigDecimal high =
        Double.isInfinite(above) ? exact.multiply(TWO).subtract(low) : middle(exact, above);
    BigDecimal best = exact.round(new MathContext(maxDigits, RoundingMode.HALF_EVEN));
    int tooFew = 0;
    int enough = maxDigits;
    while (enough - tooFew > 1) {
      int digits = (tooFew + enough) / 2;
      BigDecimal rounded = between(low, high, exact, digits);
      if (rounded == null) {
        tooFew = digits;
      } else {
        enough = digits;
        best = rounded;
      }
    }
    return best;
  }

  private static @Nullable BigDecimal between(
      BigDecimal low, BigDecimal high, BigDecimal exact, int digits) {
    for (RoundingMode mode : NEAREST_FIRST) {
      BigDecimal rounded = exact.round(new MathContext(digits, mode));
      if (rounded.compareTo(low) > 0 && rounded.compareTo(high) < 0) {
        return rounded;
      }
    }
    return null;
  }

  private double below(double number) {
    return this == FLOAT4 ? Math.nextDown((float) number) : Math.nextDown(number);
  }

  private static BigDecimal middle(BigDecimal exact, double neighbour) {
    return exact.add(new BigDecimal(neighbour)).divide(TWO);
  }

  private void append(StringBuilder text, BigDecimal decimal) {
    String digits = decimal.stripTrailingZeros().unscaledValue().toString();
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= -4 && exponent < exactDigits) {
      text.append(decimal.stripTrailingZeros().toPlainString());
      return;
    }
    text.append(digits.charAt(0));
    if (digits.length() > 1) {
      text.append('.').append(digits, 1, digits.length());
    }
    text.append(exponent < 0 ? "e-" : "e+").append(Math.abs(exponent) < 10 ? "0" : "");
    text.append(Math.abs(exponent));
  }
}
