package dev.pgetl.data;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/** {@code real} and {@code double precision}. */
enum FloatCodec implements ValueCodec {
  /** {@code real}. */
  FLOAT4(Float.class, 9, 6),
  /** {@code double precision}. */
  FLOAT8(Double.class, 17, 15);

  private static final BigDecimal TWO = BigDecimal.valueOf(2);

  /** Below a power of two neighbours are closer: there the nearest decimal may be another's. */
  private static final List<RoundingMode> NEAREST_FIRST =
      List.of(RoundingMode.HALF_EVEN, RoundingMode.DOWN, RoundingMode.UP);

  private final Class<?> javaType;

  /** So many significant digits tell every value from its neighbours. */
  private final int maxDigits;

  /** From this power of ten on Postgres prints an exponent. */
  private final int firstExponent;

  FloatCodec(Class<?> javaType, int maxDigits, int firstExponent) {
    this.javaType = javaType;
    this.maxDigits = maxDigits;
    this.firstExponent = firstExponent;
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
  double decodeDouble(byte[] bytes, int from, int to) {
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
  double decodeBinaryDouble(byte[] bytes, int from, int to) {
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
    BigDecimal exact = new BigDecimal(number);
    double above = -below(-number);
    BigDecimal low = middle(exact, below(number));
    BigDecimal high =
        Double.isInfinite(above) ? exact.multiply(TWO).subtract(low) : middle(exact, above);
    for (int digits = 1; digits < maxDigits; digits++) {
      for (RoundingMode mode : NEAREST_FIRST) {
        BigDecimal rounded = exact.round(new MathContext(digits, mode));
        if (rounded.compareTo(low) > 0 && rounded.compareTo(high) < 0) {
          return rounded;
        }
      }
    }
    return exact.round(new MathContext(maxDigits, RoundingMode.HALF_EVEN));
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
    if (exponent >= -4 && exponent < firstExponent) {
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
