package dev.pgetl.internal.pem;

import java.io.ByteArrayOutputStream;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;

/**
 * As much of the encoding DER as the formats of keys need: an element is a tag, a length and a
 * content.
 */
final class Der {
  static final int OCTETS = 0x04;
  static final int SEQUENCE = 0x30;

  /** The parameters in a key of SEC 1. */
  static final int FIRST_OPTION = 0xA0;

  private static final int LONG_FORM = 0x80;

  /** Longer than any key. */
  private static final int MAX_LENGTH_BYTES = 3;

  private final byte[] bytes;
  private int position;

  private Der(byte[] bytes) {
    this.bytes = bytes;
  }

  /** {@return an element} */
  static byte[] element(int tag, byte[]... contents) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : contents) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream element = new ByteArrayOutputStream();
    element.write(tag);
    writeLength(element, content.size());
    element.writeBytes(content.toByteArray());
    return element.toByteArray();
  }

  private static void writeLength(ByteArrayOutputStream to, int length) {
    if (length < LONG_FORM) {
      to.write(length);
      return;
    }
    int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
    to.write(LONG_FORM | bytes);
    for (int i = bytes - 1; i >= 0; i--) {
      to.write(length >> (8 * i));
    }
  }

  /**
   * {@return the content of the first element of a sequence that has a tag; empty if there is none}
   *
   * @param sequence the whole sequence
   * @throws InvalidKeySpecException if it is none
   */
  static byte[] find(byte[] sequence, int tag) throws InvalidKeySpecException {
    Der outer = new Der(sequence);
    if (outer.next() != SEQUENCE) {
      throw damaged();
    }
    Der inner = new Der(outer.content());
    while (inner.position < inner.bytes.length) {
      int found = inner.next();
      byte[] content = inner.content();
      if (found == tag) {
        return content;
      }
    }
    return new byte[0];
  }

  private byte[] content() throws InvalidKeySpecException {
    int length = next();
    if (length >= LONG_FORM) {
      int lengthBytes = length - LONG_FORM;
      if (lengthBytes > MAX_LENGTH_BYTES) {
        throw damaged();
      }
      length = 0;
      for (int i = 0; i < lengthBytes; i++) {
        length = (length << 8) | next();
      }
    }
    if (length > bytes.length - position) {
      throw damaged();
    }
    position += length;
    return Arrays.copyOfRange(bytes, position - length, position);
  }

  private int next() throws InvalidKeySpecException {
    if (position == bytes.length) {
      throw damaged();
    }
    return bytes[position++] & 0xFF;
  }

  private static InvalidKeySpecException damaged() {
    return new InvalidKeySpecException("the key is damaged");
  }
}
