package dev.pgetl.internal.value.binary;

import dev.pgetl.data.PgInet;
import dev.pgetl.internal.value.MalformedValueException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/** Addresses, identifiers and strings of bits and bytes in binary format. */
public final class BinaryBytes {
  private static final int UUID_LENGTH = 16;
  private static final int INET_HEADER = 4;

  /** Postgres has numbers of its own for the families of addresses. */
  private static final int FAMILY_V4 = 2;

  private static final int FAMILY_V6 = 3;
  private static final int V4_LENGTH = 4;
  private static final int V6_LENGTH = 16;
  private static final int MAC_LENGTH = 6;
  private static final int MAC8_LENGTH = 8;

  /** Postgres keeps more, whose text would exceed a gigabyte. */
  private static final int MAX_BITS = (1 << 30) - 8;

  private static final HexFormat MAC = HexFormat.ofDelimiter(":");

  private BinaryBytes() {}

  public static byte[] bytea(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  public static ByteBuffer byteBuffer(byte[] bytes, int from, int to) {
    return ByteBuffer.wrap(bytea(bytes, from, to)).asReadOnlyBuffer();
  }

  public static UUID uuid(byte[] bytes, int from, int to) {
    BinaryNumbers.requireLength(from, to, UUID_LENGTH);
    int middle = from + Long.BYTES;
    return new UUID(
        BinaryNumbers.int64(bytes, from, middle), BinaryNumbers.int64(bytes, middle, to));
  }

  /**
   * Reads family, prefix, whether it is a {@code cidr}, and the length of the address it ends in.
   */
  public static PgInet inet(byte[] bytes, int from, int to) {
    int address = from + INET_HEADER;
    if (to < address
        || to - address != bytes[from + 3]
        || !isFamilyOf(bytes[from], bytes[from + 3])) {
      throw new MalformedValueException("an address of 4 or 16 bytes behind a header of 4");
    }
    int prefix = bytes[from + 1] & 0xFF;
    if (prefix > (to - address) * Byte.SIZE) {
      throw new MalformedValueException("a prefix that fits the address");
    }
    return PgInet.of(Arrays.copyOfRange(bytes, address, to), prefix);
  }

  private static boolean isFamilyOf(int family, int length) {
    return (family == FAMILY_V4 && length == V4_LENGTH)
        || (family == FAMILY_V6 && length == V6_LENGTH);
  }

  public static String macaddr(byte[] bytes, int from, int to) {
    BinaryNumbers.requireLength(from, to, MAC_LENGTH);
    return MAC.formatHex(bytes, from, to);
  }

  public static String macaddr8(byte[] bytes, int from, int to) {
    BinaryNumbers.requireLength(from, to, MAC8_LENGTH);
    return MAC.formatHex(bytes, from, to);
  }

  /** Reads the number of bits and as many, the first one foremost, up to whole bytes. */
  public static String bits(byte[] bytes, int from, int to) {
    int first = from + Integer.BYTES;
    if (to < first) {
      throw new MalformedValueException("a number of bits");
    }
    int count = BinaryNumbers.int32(bytes, from, first);
    if (count < 0 || ((long) count + Byte.SIZE - 1) / Byte.SIZE != to - first) {
      throw new MalformedValueException("as many bits as the number before them says");
    }
    if (count > MAX_BITS) {
      throw new MalformedValueException("no more bits than Postgres prints");
    }
    StringBuilder text = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      boolean set = (bytes[first + i / Byte.SIZE] << i % Byte.SIZE & 0x80) != 0;
      text.append(set ? '1' : '0');
    }
    return text.toString();
  }

  /**
   * Reads a {@code "char"}, which is a byte: zero is nothing, and what is not ASCII is printed as a
   * backslash and three octal digits.
   */
  public static String singleByte(byte[] bytes, int from, int to) {
    BinaryNumbers.requireLength(from, to, 1);
    int value = bytes[from] & 0xFF;
    if (value == 0) {
      return "";
    }
    return value < 0x80
        ? String.valueOf((char) value)
        : "\\" + (value >> 6) + (value >> 3 & 7) + (value & 7);
  }
}
