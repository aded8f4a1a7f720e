package dev.pgetl.internal.value.binary;

import dev.pgetl.data.SpecialValue.NonFinite;
import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.text.NumericText;
import dev.pgetl.wal.Lsn;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Numbers in binary format, the most significant byte first. */
public final class BinaryNumbers {
  private static final VarHandle INT16 = view(short[].class);
  private static final VarHandle INT32 = view(int[].class);
  private static final VarHandle INT64 = view(long[].class);

  private static final int NUMERIC_HEADER = 8;
  private static final int DIGITS_PER_GROUP = 4;
  private static final int GROUP_BASE = 10_000;
  private static final int MAX_LONG_GROUPS = 4;
  private static final int MAX_SCALE = 16_383;

  private static final int POSITIVE = 0;
  private static final int NEGATIVE = 0x4000;
  private static final int NAN = 0xC000;
  private static final int POSITIVE_INFINITY = 0xD000;
  private static final int NEGATIVE_INFINITY = 0xF000;

  private static final long[] POWERS_OF_TEN = new long[19];

  static {
    POWERS_OF_TEN[0] = 1;
    for (int i = 1; i < POWERS_OF_TEN.length; i++) {
      POWERS_OF_TEN[i] = 10 * POWERS_OF_TEN[i - 1];
    }
  }

  private BinaryNumbers() {}

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.BIG_ENDIAN);
  }

  static void requireLength(int from, int to, int length) {
    if (to - from != length) {
      throw new MalformedValueException(length + (length == 1 ? " byte" : " bytes"));
    }
  }

  public static short int16(byte[] bytes, int from, int to) {
    requireLength(from, to, Short.BYTES);
    return (short) INT16.get(bytes, from);
  }

  public static int int32(byte[] bytes, int from, int to) {
    requireLength(from, to, Integer.BYTES);
    return (int) INT32.get(bytes, from);
  }

  public static long int64(byte[] bytes, int from, int to) {
    requireLength(from, to, Long.BYTES);
    return (long) INT64.get(bytes, from);
  }

  public static Boolean bool(byte[] bytes, int from, int to) {
    requireLength(from, to, 1);
    if (bytes[from] != 0 && bytes[from] != 1) {
      throw new MalformedValueException("0 or 1");
    }
    return bytes[from] == 1;
  }

  public static BigInteger unsigned8(byte[] bytes, int from, int to) {
    requireLength(from, to, Long.BYTES);
    return new BigInteger(1, bytes, from, Long.BYTES);
  }

  public static Lsn lsn(byte[] bytes, int from, int to) {
    return new Lsn(int64(bytes, from, to));
  }

  /**
   * Reads a count of digits to the base of 10,000, the power of that base of the first one, a sign,
   * and how many decimal digits stand behind the point; then the digits.
   */
  public static Object numeric(byte[] bytes, int from, int to) {
    if (to - from < NUMERIC_HEADER) {
      throw new MalformedValueException("a header of " + NUMERIC_HEADER + " bytes");
    }
    int groups = group(bytes, from);
    int weight = (short) INT16.get(bytes, from + 2);
    int sign = group(bytes, from + 4);
    int scale = group(bytes, from + 6);
    requireLength(from, to, NUMERIC_HEADER + Short.BYTES * groups);
    if (sign != POSITIVE && sign != NEGATIVE) {
      return nonFinite(sign, groups);
    }
    if (scale > MAX_SCALE) {
      throw new MalformedValueException("a scale of at most " + MAX_SCALE);
    }
    for (int at = from + NUMERIC_HEADER; at < to; at += Short.BYTES) {
      if (group(bytes, at) >= GROUP_BASE) {
        throw new MalformedValueException("digits below " + GROUP_BASE);
      }
    }
    if (groups == 0) {
      return BigDecimal.valueOf(0, scale);
    }
    // By how many decimal digits the groups fall short of the scale; below 0 they go beyond it.
    int missing = scale + DIGITS_PER_GROUP * (weight - groups + 1);
    if (groups <= MAX_LONG_GROUPS
        && missing > -DIGITS_PER_GROUP
        && missing <= 18 - DIGITS_PER_GROUP * groups) {
      long unscaled = unscaled(bytes, from + NUMERIC_HEADER, to, missing);
      return BigDecimal.valueOf(sign == NEGATIVE ? -unscaled : unscaled, scale);
    }
    byte[] text = digits(bytes, from + NUMERIC_HEADER, groups, weight, sign, scale);
    return NumericText.numeric(text, 0, text.length);
  }

  private static int group(byte[] bytes, int at) {
    return (short) INT16.get(bytes, at) & 0xFFFF;
  }

  private static NonFinite nonFinite(int sign, int groups) {
    if (groups != 0) {
      throw new MalformedValueException("a sign");
    }
    return switch (sign) {
      case NAN -> NonFinite.NAN;
      case POSITIVE_INFINITY -> NonFinite.POSITIVE_INFINITY;
      case NEGATIVE_INFINITY -> NonFinite.NEGATIVE_INFINITY;
      default -> throw new MalformedValueException("a sign");
    };
  }

  /** Like the server cuts off what lies beyond the scale; only zeros should. */
  private static long unscaled(byte[] bytes, int from, int to, int missing) {
    long value = 0;
    for (int at = from; at < to; at += Short.BYTES) {
      value = value * GROUP_BASE + group(bytes, at);
    }
    return missing < 0 ? value / POWERS_OF_TEN[-missing] : value * POWERS_OF_TEN[missing];
  }

  /** Writes the number out in decimal digits, those the server leaves away as zeros. */
  private static byte[] digits(
      byte[] bytes, int from, int groups, int weight, int sign, int scale) {
    StringBuilder text = new StringBuilder(sign == NEGATIVE ? "-" : "");
    if (weight < 0) {
      text.append('0');
    }
    int fraction = (scale + DIGITS_PER_GROUP - 1) / DIGITS_PER_GROUP;
    int point = text.length();
    for (int power = Math.max(weight, -1); power >= -fraction; power--) {
      int index = weight - power;
      int group = index >= 0 && index < groups ? group(bytes, from + Short.BYTES * index) : 0;
      if (power == -1) {
        point = text.length();
        text.append('.');
      }
      text.append((char) ('0' + group / 1000)).append((char) ('0' + group / 100 % 10));
      text.append((char) ('0' + group / 10 % 10)).append((char) ('0' + group % 10));
    }
    if (scale > 0) {
      text.setLength(point + 1 + scale);
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
