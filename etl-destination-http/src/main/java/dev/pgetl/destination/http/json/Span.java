package dev.pgetl.destination.http.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A stretch of UTF-8 bytes: the text of a value, or of a part of one. Shares the array.
 *
 * @param bytes holds the text
 * @param start where it begins
 * @param end where it ends, exclusive
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Span(byte[] bytes, int start, int end) {

  static Span of(byte[] bytes) {
    return new Span(bytes, 0, bytes.length);
  }

  int length() {
    return end - start;
  }

  boolean isEmpty() {
    return start == end;
  }

  /** {@return the byte at a place of the stretch, from 0} */
  byte at(int index) {
    return bytes[start + index];
  }

  Span from(int index) {
    return new Span(bytes, start + index, end);
  }

  boolean is(String ascii) {
    return length() == ascii.length() && startsWith(ascii);
  }

  boolean startsWith(String ascii) {
    if (length() < ascii.length()) {
      return false;
    }
    for (int i = 0; i < ascii.length(); i++) {
      if (at(i) != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  int indexOf(char ascii) {
    for (int i = start; i < end; i++) {
      if (bytes[i] == ascii) {
        return i - start;
      }
    }
    return -1;
  }

  byte[] copy() {
    return Arrays.copyOfRange(bytes, start, end);
  }

  String text() {
    return new String(bytes, start, length(), StandardCharsets.UTF_8);
  }

  /** {@return nothing of the text: it may be a cell value} */
  @Override
  public String toString() {
    return "Span[" + length() + " bytes]";
  }
}
