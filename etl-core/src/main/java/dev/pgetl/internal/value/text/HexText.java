package dev.pgetl.internal.value.text;

import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;

/** Values written in hexadecimal digits: {@code bytea}, {@code uuid} and {@code pg_lsn}. */
public final class HexText {
  private static final int UUID_LENGTH = 36;

  /** Postgres keeps more, and sends it in binary format only: its text would exceed a gigabyte. */
  private static final int MAX_BYTEA = (1 << 29) - 8;

  private static final String DIGITS = "0123456789abcdef";
  private static final byte[] VALUE_OF_DIGIT = new byte[256];

  static {
    Arrays.fill(VALUE_OF_DIGIT, (byte) -1);
    for (int i = 0; i < DIGITS.length(); i++) {
      VALUE_OF_DIGIT[DIGITS.charAt(i)] = (byte) i;
      VALUE_OF_DIGIT[Character.toUpperCase(DIGITS.charAt(i))] = (byte) i;
    }
  }

  private HexText() {}

  /** Reads {@code \x00ff}. The older escape format is refused: the session asks for this one. */
  public static byte[] bytea(byte[] bytes, int from, int to) {
    if (to - from < 2 || bytes[from] != '\\' || bytes[from + 1] != 'x' || (to - from) % 2 != 0) {
      throw new MalformedValueException("\\x and pairs of hexadecimal digits");
    }
    byte[] value = new byte[(to - from) / 2 - 1];
    for (int i = 0; i < value.length; i++) {
      int at = from + 2 + 2 * i;
      value[i] = (byte) (digit(bytes[at]) << 4 | digit(bytes[at + 1]));
    }
    return value;
  }

  public static ByteBuffer byteBuffer(byte[] bytes, int from, int to) {
    return ByteBuffer.wrap(bytea(bytes, from, to)).asReadOnlyBuffer();
  }

  public static UUID uuid(byte[] bytes, int from, int to) {
    if (to - from != UUID_LENGTH
        || bytes[from + 8] != '-'
        || bytes[from + 13] != '-'
        || bytes[from + 18] != '-'
        || bytes[from + 23] != '-') {
      throw new MalformedValueException("groups of 8, 4, 4, 4 and 12 hexadecimal digits");
    }
    long high = hex(bytes, from, from + 8) << 32;
    high |= hex(bytes, from + 9, from + 13) << 16 | hex(bytes, from + 14, from + 18);
    long low = hex(bytes, from + 19, from + 23) << 48 | hex(bytes, from + 24, to);
    return new UUID(high, low);
  }

  public static Lsn lsn(byte[] bytes, int from, int to) {
    int slash = from;
    while (slash < to && bytes[slash] != '/') {
      slash++;
    }
    int low = slash + 1;
    if (slash == from || slash - from > 8 || to - low < 1 || to - low > 8) {
      throw new MalformedValueException("two halves of up to 8 hexadecimal digits");
    }
    return new Lsn(hex(bytes, from, slash) << 32 | hex(bytes, low, to));
  }

  private static long hex(byte[] bytes, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      value = value << 4 | digit(bytes[i]);
    }
    return value;
  }

  private static int digit(byte c) {
    int value = VALUE_OF_DIGIT[c & 0xFF];
    if (value < 0) {
      throw new MalformedValueException("hexadecimal digits");
    }
    return value;
  }

  public static void appendBytea(StringBuilder text, Object value) {
    ByteBuffer bytes;
    if (value instanceof byte[] array) {
      bytes = ByteBuffer.wrap(array);
    } else if (value instanceof ByteBuffer buffer) {
      bytes = buffer.duplicate();
    } else {
      throw ValueCodec.unfit(value, ByteBuffer.class);
    }
    if (bytes.remaining() > MAX_BYTEA) {
      throw new IllegalArgumentException("more bytes than Postgres prints");
    }
    text.append("\\x");
    while (bytes.hasRemaining()) {
      byte b = bytes.get();
      text.append(DIGITS.charAt(b >> 4 & 0xF)).append(DIGITS.charAt(b & 0xF));
    }
  }
}
