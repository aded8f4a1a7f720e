package dev.pgetl.internal.value.binary;

import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import org.jspecify.annotations.Nullable;

/** Walks over the binary form of an array, range or multirange. Used by one thread. */
public final class BinaryCursor {
  private static final int NULL = -1;

  private final byte[] bytes;
  private final int end;
  private int at;

  public BinaryCursor(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
  }

  public int remaining() {
    return end - at;
  }

  public int uint8() {
    return bytes[step(1)] & 0xFF;
  }

  public int int32() {
    int from = step(Integer.BYTES);
    return BinaryNumbers.int32(bytes, from, at);
  }

  /** {@return the value of a part, which its length precedes; null for a null} */
  public @Nullable Object part(ValueCodec codec) {
    int length = int32();
    if (length == NULL) {
      return null;
    }
    int from = step(length);
    return codec.decodeBinary(bytes, from, at);
  }

  private int step(int length) {
    if (length < 0 || length > remaining()) {
      throw new MalformedValueException("parts as long as their lengths say");
    }
    int from = at;
    at += length;
    return from;
  }

  public void expectEnd() {
    if (at != end) {
      throw new MalformedValueException("nothing behind the last part");
    }
  }
}
