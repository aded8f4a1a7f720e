package dev.pgetl.internal.value.order;

import dev.pgetl.internal.value.ValueCodec;
import java.nio.ByteBuffer;

/**
 * A key of bytes without a sign. One that begins with all bytes of another one is the greater.
 *
 * @param bytes neither read nor changed by others
 */
record BytesKey(ByteBuffer bytes) implements KeyOrder.Key {
  static KeyOrder.Key of(Object value) {
    if (value instanceof ByteBuffer bytes) {
      return new BytesKey(bytes);
    }
    throw ValueCodec.unfit(value, ByteBuffer.class);
  }

  @Override
  public int compareTo(KeyOrder.Key other) {
    ByteBuffer that = ((BytesKey) other).bytes;
    int at = bytes.mismatch(that);
    if (at < 0 || at == bytes.remaining() || at == that.remaining()) {
      return Integer.compare(bytes.remaining(), that.remaining());
    }
    return Byte.compareUnsigned(bytes.get(bytes.position() + at), that.get(that.position() + at));
  }

  @Override
  public String toString() {
    return KeyOrder.REDACTED;
  }
}
