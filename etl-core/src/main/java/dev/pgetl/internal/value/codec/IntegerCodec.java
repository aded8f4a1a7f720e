package dev.pgetl.internal.value.codec;

import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.binary.BinaryNumbers;

/** Whole numbers of up to 64 bits. */
public enum IntegerCodec implements ValueCodec {
  /** {@code smallint}. */
  INT2(Short.class, Short.MIN_VALUE, Short.MAX_VALUE),
  /** {@code integer}. */
  INT4(Integer.class, Integer.MIN_VALUE, Integer.MAX_VALUE),
  /** {@code bigint}. */
  INT8(Long.class, Long.MIN_VALUE, Long.MAX_VALUE),
  /** {@code oid}, {@code xid} and {@code cid}: 32 bits without a sign. */
  UNSIGNED4(Long.class, 0, 0xFFFF_FFFFL);

  private static final int MAX_DIGITS = 19;

  private final Class<?> javaType;
  private final long min;
  private final long max;

  IntegerCodec(Class<?> javaType, long min, long max) {
    this.javaType = javaType;
    this.min = min;
    this.max = max;
  }

  @Override
  public Class<?> javaType() {
    return javaType;
  }

  /** {@return whether every value lies between the two} */
  public boolean fits(long least, long greatest) {
    return min >= least && max <= greatest;
  }

  public long decodeLong(byte[] bytes, int from, int to) {
    long value = parse(bytes, from, to);
    if (value < min || value > max) {
      throw new MalformedValueException("a number in the range of the type");
    }
    return value;
  }

  @Override
  public Object decode(byte[] bytes, int from, int to) {
    return boxed(decodeLong(bytes, from, to));
  }

  public long decodeBinaryLong(byte[] bytes, int from, int to) {
    return switch (this) {
      case INT2 -> BinaryNumbers.int16(bytes, from, to);
      case INT4 -> BinaryNumbers.int32(bytes, from, to);
      case INT8 -> BinaryNumbers.int64(bytes, from, to);
      case UNSIGNED4 -> Integer.toUnsignedLong(BinaryNumbers.int32(bytes, from, to));
    };
  }

  @Override
  public boolean readsBinary() {
    return true;
  }

  @Override
  public Object decodeBinary(byte[] bytes, int from, int to) {
    return boxed(decodeBinaryLong(bytes, from, to));
  }

  private Object boxed(long value) {
    return switch (this) {
      case INT2 -> (short) value;
      case INT4 -> (int) value;
      case INT8, UNSIGNED4 -> value;
    };
  }

  private static long parse(byte[] bytes, int from, int to) {
    boolean negative = from < to && bytes[from] == '-';
    int first = negative ? from + 1 : from;
    if (to - first < 1 || to - first > MAX_DIGITS) {
      throw new MalformedValueException("1 to 19 digits");
    }
    // Counted below zero, where there is one more. Nineteen digits can wrap round once, to above
    // it.
    long below = 0;
    for (int i = first; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        throw new MalformedValueException("digits");
      }
      below = below * 10 - digit;
    }
    if (below > 0 || (below == Long.MIN_VALUE && !negative)) {
      throw new MalformedValueException("a number of 64 bits");
    }
    return negative ? below : -below;
  }

  @Override
  public void encode(Object value, StringBuilder text) {
    if (!(value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte)) {
      throw ValueCodec.unfit(value, javaType);
    }
    long number = ((Number) value).longValue();
    if (number < min || number > max) {
      throw new IllegalArgumentException("a number beyond the range of the type");
    }
    text.append(number);
  }
}
