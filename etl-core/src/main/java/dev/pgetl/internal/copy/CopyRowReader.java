package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.schema.TableSchema;

/**
 * Finds the columns of a line of {@code COPY … TO STDOUT} in text format, without decoding them:
 * fields between tabs, {@code \N} for null, and a backslash before what would otherwise be taken
 * for one of those. Escapes are resolved in place, so that a column holds the same bytes as in the
 * stream. Immutable.
 */
final class CopyRowReader implements RowReader {
  private static final byte TAB = '\t';
  private static final byte ESCAPE = '\\';

  private final TableSchema table;
  private final int columnCount;

  CopyRowReader(TableSchema table) {
    this.table = table;
    this.columnCount = table.columnCount();
  }

  /**
   * {@return the row}
   *
   * @param line one line with its line feed; becomes part of the row
   * @throws EtlException if the line is not what the server must send for the table
   */
  @Override
  public TableRow read(byte[] line) {
    int end = line.length - 1;
    if (end < 0 || line[end] != '\n') {
      throw malformed("a line has no end");
    }
    int[] bounds = new int[2 * columnCount];
    int next = 0;
    for (int column = 0; column < columnCount; column++) {
      if (next > end) {
        throw malformed("a line has too few columns");
      }
      next = 1 + readField(line, next, end, bounds, 2 * column);
    }
    if (next != (columnCount == 0 ? end : end + 1)) {
      throw malformed("a line has too many columns");
    }
    return WireRow.of(table, line, bounds);
  }

  /** The end of rows in text is not marked. */
  @Override
  public void end() {}

  /** {@return where the field ends: at a tab or at the end of the line} */
  private int readField(byte[] line, int start, int end, int[] bounds, int bound) {
    bounds[bound] = start;
    int at = start;
    while (at < end && line[at] != TAB) {
      if (line[at] == ESCAPE) {
        return readEscapedField(line, start, at, end, bounds, bound);
      }
      at++;
    }
    bounds[bound + 1] = at - start;
    return at;
  }

  /** Continues a field from its first backslash, moving what follows to the left. */
  private int readEscapedField(
      byte[] line, int start, int firstEscape, int end, int[] bounds, int bound) {
    if (firstEscape == start && isNull(line, start, end)) {
      bounds[bound + 1] = WireRow.NULL;
      return start + 2;
    }
    int write = firstEscape;
    int read = firstEscape;
    while (read < end && line[read] != TAB) {
      byte next = line[read++];
      if (next == ESCAPE) {
        if (read == end) {
          throw malformed("a line ends with a backslash");
        }
        next = unescaped(line[read++]);
      }
      line[write++] = next;
    }
    bounds[bound + 1] = write - start;
    return read;
  }

  private static boolean isNull(byte[] line, int start, int end) {
    int behind = start + 2;
    return behind <= end && line[start + 1] == 'N' && (behind == end || line[behind] == TAB);
  }

  private byte unescaped(byte escaped) {
    return switch (escaped) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> TAB;
      case 'v' -> 0x0B;
      case ESCAPE -> ESCAPE;
      default -> throw malformed("a line has an unknown escape");
    };
  }

  private EtlException malformed(String what) {
    return RowReader.malformed(table, what);
  }
}
