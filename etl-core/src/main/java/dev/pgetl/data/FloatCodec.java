package dev.pgetl.data;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** {@code real} and {@code double precision}. */
enum FloatCodec implements ValueCodec {
  /** {@code real}. */
  FLOAT4(Float.class, 9, 6),
  /** {@code double precision}. */
  FLOAT8(Double.class, 17, 15);

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

  /** {@return the decimal of fewest digits that is read as this value, of those the nearest} */
  private BigDecimal shortest(double number) {
    BigDecimal exact = new BigDecimal(number);
    for (int digits = 1; digits < maxDigits; digits++) {
      BigDecimal down = exact.round(new MathContext(digits, RoundingMode.DOWN));
      BigDecimal up = exact.round(new MathContext(digits, RoundingMode.UP));
      boolean upIsNearer = up.subtract(exact).compareTo(exact.subtract(down)) < 0;
      BigDecimal nearer = upIsNearer ? up : down;
      if (isRead(nearer, number)) {
        return nearer;
      }
      BigDecimal other = upIsNearer ? down : up;
      if (isRead(other, number)) {
        return other;
      }
    }
    return exact.round(new MathContext(maxDigits, RoundingMode.HALF_EVEN));
  }

  private boolean isRead(BigDecimal decimal, double number) {
    return this == FLOAT4 ? decimal.floatValue() == number : decimal.doubleValue() == number;
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
