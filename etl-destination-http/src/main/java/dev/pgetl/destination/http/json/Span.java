package dev.pgetl.destination.http.json;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A stretch of bytes: the text of a value, or of a part of one, in UTF-8 unless the source holds
 * bytes that are no text. Shares the array.
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

  boolean startsWithByteOrderMark() {
    return length() >= 3 && at(0) == (byte) 0xEF && at(1) == (byte) 0xBB && at(2) == (byte) 0xBF;
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

  /**
   * {@return this stretch, whose bytes are well-formed UTF-8}
   *
   * @throws EtlException of kind {@code SOURCE_DATA} if they are not
   */
  Span requireUtf8() {
    if (!isAscii()) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, length()));
      } catch (CharacterCodingException e) {
        throw new EtlException(ErrorKind.SOURCE_DATA, "a value is not text in UTF-8")
            .withFix("Find the rows whose text is not UTF-8 and fix them, then resync the table");
      }
    }
    return this;
  }

  private boolean isAscii() {
    for (int i = start; i < end; i++) {
      if (bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /** {@return the same text with a blank in place of each line break} */
  Span onOneLine() {
    if (indexOf('\n') < 0 && indexOf('\r') < 0) {
      return this;
    }
    byte[] line = copy();
    for (int i = 0; i < line.length; i++) {
      if (line[i] == '\n' || line[i] == '\r') {
        line[i] = ' ';
      }
    }
    return of(line);
  }

  /** {@return the text; fails as {@link #requireUtf8} does} */
  String text() {
    requireUtf8();
    return new String(bytes, start, length(), StandardCharsets.UTF_8);
  }

  /** {@return nothing of the text: it may be a cell value} */
  @Override
  public String toString() {
    return "Span[" + length() + " bytes]";
  }
}
