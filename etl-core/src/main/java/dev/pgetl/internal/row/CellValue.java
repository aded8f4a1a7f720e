package dev.pgetl.internal.row;

import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.codec.FloatCodec;
import dev.pgetl.internal.value.codec.IntegerCodec;
import org.jspecify.annotations.Nullable;

/** Decodes cells of a {@link WireRow} and says what is wrong with those it cannot decode. */
final class CellValue {
  private CellValue() {}

  /** {@return the value as this codec reads it, null for a null} */
  static @Nullable Object decode(WireRow row, int index, ValueCodec codec) {
    if (isNull(row, index)) {
      return null;
    }
    int from = row.start(index);
    int to = row.end(index);
    try {
      return row.isBinary(index)
          ? codec.decodeBinary(row.bytes(), from, to)
          : codec.decode(row.bytes(), from, to);
    } catch (MalformedValueException e) {
      throw RowErrors.malformed(row.table(), index, e);
    }
  }

  /** {@return the value as this codec reads it, which must have this class; null for a null} */
  static <T> @Nullable T decode(WireRow row, int index, ValueCodec codec, Class<T> type) {
    if (!type.isAssignableFrom(codec.javaType())) {
      throw RowErrors.wrongGetter(row.table(), index, type.getSimpleName());
    }
    Object value = decode(row, index, codec);
    if (value != null && !type.isInstance(value)) {
      throw RowErrors.notHeldBy(row.table(), index, type);
    }
    return type.cast(value);
  }

  /** {@return a whole number of a type whose numbers all lie between the two} */
  static long whole(WireRow row, int index, long min, long max, String type) {
    if (!(row.codec(index) instanceof IntegerCodec codec) || !codec.fits(min, max)) {
      throw RowErrors.wrongGetter(row.table(), index, type);
    }
    requireValue(row, index);
    int from = row.start(index);
    int to = row.end(index);
    try {
      return row.isBinary(index)
          ? codec.decodeBinaryLong(row.bytes(), from, to)
          : codec.decodeLong(row.bytes(), from, to);
    } catch (MalformedValueException e) {
      throw RowErrors.malformed(row.table(), index, e);
    }
  }

  /** {@return a number of a type no wider than this one} */
  static double fractional(WireRow row, int index, FloatCodec widest, String type) {
    if (!(row.codec(index) instanceof FloatCodec codec) || codec.compareTo(widest) > 0) {
      throw RowErrors.wrongGetter(row.table(), index, type);
    }
    requireValue(row, index);
    int from = row.start(index);
    int to = row.end(index);
    try {
      return row.isBinary(index)
          ? codec.decodeBinaryDouble(row.bytes(), from, to)
          : codec.decodeDouble(row.bytes(), from, to);
    } catch (MalformedValueException e) {
      throw RowErrors.malformed(row.table(), index, e);
    }
  }

  private static void requireValue(WireRow row, int index) {
    if (isNull(row, index)) {
      throw RowErrors.nullValue(row.table(), index);
    }
  }

  /** {@return whether a column that must be present is null} */
  static boolean isNull(WireRow row, int index) {
    if (!row.isPresent(index)) {
      throw RowErrors.absent(row.table(), index);
    }
    return row.isNull(index);
  }
}
