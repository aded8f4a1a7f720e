package dev.pgetl.internal.row;

import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.codec.TextCodec;
import dev.pgetl.internal.value.text.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The exact text of Postgres for a cell that has a value, whatever the format it was sent in. */
final class CellText {
  private CellText() {}

  /** {@return the text} */
  static String string(WireRow row, int index) {
    try {
      return decode(row, index);
    } catch (MalformedValueException e) {
      throw RowErrors.malformed(row.table(), index, e);
    }
  }

  /** {@return the text in UTF-8, read-only} */
  static ByteBuffer bytes(WireRow row, int index) {
    try {
      return encoded(row, index).asReadOnlyBuffer();
    } catch (MalformedValueException e) {
      throw RowErrors.malformed(row.table(), index, e);
    }
  }

  /** {@return the text in UTF-8; a view of the row where the bytes sent are the text} */
  private static ByteBuffer encoded(WireRow row, int index) {
    int from = row.start(index);
    if (isByte(row, index)) {
      return ByteBuffer.wrap(decode(row, index).getBytes(StandardCharsets.UTF_8));
    }
    if (row.isBinary(index)) {
      if (!(row.codec(index) instanceof TextCodec codec)) {
        return ByteBuffer.wrap(decode(row, index).getBytes(StandardCharsets.UTF_8));
      }
      from = codec.textStart(row.bytes(), from, row.end(index));
    }
    return ByteBuffer.wrap(row.bytes(), from, row.end(index) - from).slice();
  }

  private static String decode(WireRow row, int index) {
    int from = row.start(index);
    int to = row.end(index);
    if (!row.isBinary(index) && !isByte(row, index)) {
      return Utf8.decode(row.bytes(), from, to);
    }
    ValueCodec codec = row.codec(index);
    Object value =
        row.isBinary(index)
            ? codec.decodeBinary(row.bytes(), from, to)
            : codec.decode(row.bytes(), from, to);
    if (value instanceof String text) {
      return text;
    }
    StringBuilder text = new StringBuilder();
    try {
      codec.encode(value, text);
    } catch (IllegalArgumentException e) {
      throw new MalformedValueException("a value that has a text");
    }
    return text.toString();
  }

  /** {@return whether the text sent is one byte that is no character: the codec may print it} */
  private static boolean isByte(WireRow row, int index) {
    int from = row.start(index);
    return !row.isBinary(index) && row.end(index) - from == 1 && row.bytes()[from] < 0;
  }

  /** {@return whether two cells have the same text} */
  static boolean areEqual(WireRow row, WireRow other, int index) {
    boolean sameForm =
        row.isBinary(index) == other.isBinary(index)
            && (!row.isBinary(index) || row.codec(index) == other.codec(index));
    if (sameForm
        && Arrays.equals(
            row.bytes(),
            row.start(index),
            row.end(index),
            other.bytes(),
            other.start(index),
            other.end(index))) {
      return true;
    }
    boolean bothText = !row.isBinary(index) && !other.isBinary(index);
    return !bothText && comparable(row, index).equals(comparable(other, index));
  }

  static int hash(WireRow row, int index) {
    return comparable(row, index).hashCode();
  }

  /** {@return the text; the bytes as they are if they are no value of the type} */
  private static ByteBuffer comparable(WireRow row, int index) {
    try {
      return encoded(row, index);
    } catch (MalformedValueException e) {
      return ByteBuffer.wrap(row.bytes(), row.start(index), row.end(index) - row.start(index));
    }
  }
}
