package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * Finds the columns of rows in what {@code COPY … TO STDOUT} sends, without decoding them. Reads
 * one range after the other; owned by one thread.
 */
interface RowReader {
  /**
   * {@return the row of a message; null if it has none}
   *
   * @param message as the server sent it; becomes part of the row
   * @throws EtlException if it is not what the server must send for the table
   */
  @Nullable TableRow read(byte[] message);

  /**
   * The range ends here.
   *
   * @throws EtlException if something is missing
   */
  void end();

  static EtlException malformed(TableSchema table, String what) {
    return new EtlException(
            ErrorKind.SOURCE_DATA, "copy table " + table.name() + " failed: " + what)
        .withTable(table.id().oid());
  }
}
