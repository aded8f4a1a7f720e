package dev.pgetl.internal.decode;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads big-endian fields from one message and never past its end. Owned by one thread, used for
 * one message after the other.
 */
final class WireReader {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes = {};
  private int position;
  private int limit;

  void reset(byte[] message, int offset, int length) {
    bytes = message;
    position = offset;
    limit = offset + length;
  }

  byte[] bytes() {
    return bytes;
  }

  int position() {
    return position;
  }

  int remaining() {
    return limit - position;
  }

  byte int8() {
    require(1);
    return bytes[position++];
  }

  int uint16() {
    require(2);
    int value = (short) SHORT.get(bytes, position) & 0xFFFF;
    position += 2;
    return value;
  }

  int int32() {
    require(4);
    int value = (int) INT.get(bytes, position);
    position += 4;
    return value;
  }

  long uint32() {
    return int32() & 0xFFFFFFFFL;
  }

  long int64() {
    require(8);
    long value = (long) LONG.get(bytes, position);
    position += 8;
    return value;
  }

  void skip(int length) {
    require(length);
    position += length;
  }

  /** A text that ends with a zero byte. */
  String string() {
    int end = position;
    while (end < limit && bytes[end] != 0) {
      end++;
    }
    if (end == limit) {
      throw malformed("a text has no end");
    }
    String text = new String(bytes, position, end - position, StandardCharsets.UTF_8);
    position = end + 1;
    return text;
  }

  void requireEnd() {
    if (position != limit) {
      throw malformed(remaining() + " bytes too many");
    }
  }

  void require(int length) {
    if (length < 0 || length > limit - position) {
      throw malformed(
          "a field of " + length + " bytes does not fit into the " + remaining() + " left");
    }
  }

  static EtlException malformed(String what) {
    return new EtlException(ErrorKind.SOURCE_PROTOCOL, "reading a pgoutput message failed: " + what)
        .withFix(
            "Check that nothing but the Postgres server answers at this address, and report the server's version.");
  }
}
