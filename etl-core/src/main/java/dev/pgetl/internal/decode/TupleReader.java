package dev.pgetl.internal.decode;

import dev.pgetl.internal.row.WireRow;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableSchema;

/** Finds the columns of a tuple without decoding or copying them. */
final class TupleReader {
  private static final byte BINARY_VALUE = 'b';

  private TupleReader() {}

  /**
   * Reads a tuple.
   *
   * @param in stands before it
   * @param table what it must look like
   * @param format the format in which values may come, beside text
   * @return two numbers per column: where its value starts, with {@link WireRow#BINARY} if that is
   *     in binary format, and how long it is, {@link WireRow#NULL} or {@link WireRow#ABSENT}
   */
  static int[] read(WireReader in, TableSchema table, ValueFormat format) {
    int count = in.uint16();
    if (count != table.columnCount()) {
      throw WireReader.malformed(
          "a row of table "
              + table.name()
              + " has "
              + count
              + " columns, described were "
              + table.columnCount());
    }
    in.require(count);
    int[] bounds = new int[2 * count];
    for (int i = 0; i < count; i++) {
      byte kind = in.int8();
      int length = length(kind, in, format);
      bounds[2 * i] = kind == BINARY_VALUE ? in.position() | WireRow.BINARY : in.position();
      if (length > 0) {
        in.skip(length);
      }
      bounds[2 * i + 1] = length;
    }
    return bounds;
  }

  private static int length(byte kind, WireReader in, ValueFormat format) {
    return switch (kind) {
      case 't' -> valueLength(in);
      case 'n' -> WireRow.NULL;
      case 'u' -> WireRow.ABSENT;
      case BINARY_VALUE -> {
        if (format != ValueFormat.BINARY) {
          throw WireReader.malformed("a value in binary format, which was not asked for");
        }
        yield valueLength(in);
      }
      default -> throw WireReader.malformed("unknown kind of column, code " + (kind & 0xFF));
    };
  }

  private static int valueLength(WireReader in) {
    int length = in.int32();
    in.require(length);
    return length;
  }

  /** {@return the first column that was not sent; -1 if all were} */
  static int firstAbsent(int[] bounds) {
    for (int i = 1; i < bounds.length; i += 2) {
      if (bounds[i] == WireRow.ABSENT) {
        return i / 2;
      }
    }
    return -1;
  }

  /** In a key tuple Postgres sends the other columns as null; a column of a key never is. */
  static void keepKey(int[] bounds) {
    for (int i = 0; i < bounds.length; i += 2) {
      if (bounds[i + 1] == WireRow.NULL) {
        bounds[i + 1] = WireRow.ABSENT;
      }
    }
  }

  /** Takes columns that were not sent from the old row of the same message. */
  static void fillAbsent(int[] bounds, int[] old) {
    for (int i = 0; i < bounds.length; i += 2) {
      if (bounds[i + 1] == WireRow.ABSENT) {
        bounds[i] = old[i];
        bounds[i + 1] = old[i + 1];
      }
    }
  }
}
