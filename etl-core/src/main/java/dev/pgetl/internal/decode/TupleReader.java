package dev.pgetl.internal.decode;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.TableSchema;

/** Finds the columns of a tuple without decoding or copying them. */
final class TupleReader {
  private TupleReader() {}

  /**
   * Reads a tuple.
   *
   * @param in stands before it
   * @param table what it must look like
   * @param keyOnly whether it is a key tuple: Postgres sends its other columns as null, but they
   *     are not known
   * @return two numbers per column: where its text starts, and how long it is, {@link
   *     TableRow#NULL} or {@link TableRow#ABSENT}
   */
  static int[] read(WireReader in, TableSchema table, boolean keyOnly) {
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
      int length = length(in);
      bounds[2 * i] = in.position();
      if (length > 0) {
        in.skip(length);
      }
      bounds[2 * i + 1] =
          keyOnly && !table.column(i).inReplicaIdentity() ? TableRow.ABSENT : length;
    }
    return bounds;
  }

  private static int length(WireReader in) {
    byte kind = in.int8();
    return switch (kind) {
      case 't' -> textLength(in);
      case 'n' -> TableRow.NULL;
      case 'u' -> TableRow.ABSENT;
      default -> throw WireReader.malformed("unknown kind of column, code " + (kind & 0xFF));
    };
  }

  private static int textLength(WireReader in) {
    int length = in.int32();
    in.require(length);
    return length;
  }

  /** Takes columns that were not sent from the old row of the same message. */
  static void fillAbsent(int[] bounds, int[] old) {
    for (int i = 0; i < bounds.length; i += 2) {
      if (bounds[i + 1] == TableRow.ABSENT) {
        bounds[i] = old[i];
        bounds[i + 1] = old[i + 1];
      }
    }
  }
}
