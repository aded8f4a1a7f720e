package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.schema.TableSchema;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the columns of a tuple of {@code COPY … TO STDOUT} in binary format. In front of the first
 * one stands a header, behind the last one a trailer. The server sends one tuple a message, the
 * header with the first or alone; anything else is refused. See "Binary Format" under {@code COPY}
 * in the Postgres manual.
 */
final class BinaryRowReader implements RowReader {
  private static final byte[] SIGNATURE =
      "PGCOPY\n\u00ff\r\n\0".getBytes(StandardCharsets.ISO_8859_1);

  /** The length of an extension of the header stands behind the signature and flags. */
  private static final int EXTENSION = SIGNATURE.length + Integer.BYTES;

  /** Flags a reader must know; there are none yet. */
  private static final int CRITICAL_FLAGS = 0xFFFF_0000;

  /** Takes the place of a number of columns. */
  private static final short TRAILER = -1;

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** What has been read of a range. */
  private enum Read {
    NOTHING,
    HEADER,
    TRAILER
  }

  private final TableSchema table;
  private final int columnCount;
  private Read read = Read.NOTHING;

  BinaryRowReader(TableSchema table) {
    this.table = table;
    this.columnCount = table.columnCount();
  }

  @Override
  public @Nullable TableRow read(byte[] message) {
    int start = 0;
    if (read == Read.NOTHING) {
      start = readHeader(message);
      read = Read.HEADER;
      if (start == message.length) {
        return null;
      }
    }
    if (read == Read.TRAILER) {
      throw malformed("there is something behind the last row");
    }
    require(message, start, Short.BYTES);
    short count = (short) SHORT.get(message, start);
    start += Short.BYTES;
    if (count == TRAILER && start == message.length) {
      read = Read.TRAILER;
      return null;
    }
    if (count != columnCount) {
      throw malformed("a row has " + count + " columns instead of " + columnCount);
    }
    return readColumns(message, start);
  }

  /** {@return where the header ends} */
  private int readHeader(byte[] message) {
    require(message, 0, EXTENSION + Integer.BYTES);
    int flags = (int) INT.get(message, SIGNATURE.length);
    int extension = (int) INT.get(message, EXTENSION);
    if (!Arrays.equals(message, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)
        || (flags & CRITICAL_FLAGS) != 0
        || extension < 0) {
      throw malformed("rows in binary format begin with an unknown header");
    }
    int end = EXTENSION + Integer.BYTES;
    require(message, end, extension);
    return end + extension;
  }

  private TableRow readColumns(byte[] message, int start) {
    int[] bounds = new int[2 * columnCount];
    int at = start;
    for (int bound = 0; bound < bounds.length; bound += 2) {
      require(message, at, Integer.BYTES);
      int length = (int) INT.get(message, at);
      at += Integer.BYTES;
      bounds[bound + 1] = length;
      if (length != WireRow.NULL) {
        require(message, at, length);
        bounds[bound] = at | WireRow.BINARY;
        at += length;
      }
    }
    if (at != message.length) {
      throw malformed("a row has something behind its last column");
    }
    return WireRow.of(table, message, bounds);
  }

  @Override
  public void end() {
    if (read != Read.TRAILER) {
      throw malformed("rows in binary format have no end");
    }
    read = Read.NOTHING;
  }

  private void require(byte[] message, int start, int length) {
    if (length < 0 || length > message.length - start) {
      throw malformed("a row is cut off, or has a column of an impossible length");
    }
  }

  private EtlException malformed(String what) {
    return RowReader.malformed(table, what);
  }
}
