package dev.pgetl.destination.postgres.sql;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;

/**
 * Rows of a {@code COPY … FROM STDIN} in text format. Close it: rows of one that was not finished
 * are dropped.
 */
public final class CopyText implements AutoCloseable {
  private static final int FULL = 1 << 16;
  private static final byte[] NULL = {'\\', 'N'};

  private final CopyIn copy;
  private byte[] bytes = new byte[FULL + 1024];
  private int size;
  private boolean rowBegun;
  private boolean finished;

  private CopyText(CopyIn copy) {
    this.copy = copy;
  }

  /**
   * Begins.
   *
   * @param session where
   * @param into the table, with its columns in parentheses, quoted
   */
  public static CopyText begin(Session session, String into) throws SQLException {
    return new CopyText(session.copyIn("copy " + into + " from stdin"));
  }

  /** Appends a field of the current row; null for a null. */
  public CopyText field(@Nullable ByteBuffer text) {
    separate();
    if (text == null) {
      room(NULL.length);
      append(NULL[0]);
      append(NULL[1]);
    } else {
      append(text);
    }
    return this;
  }

  /** Appends a field of plain ASCII. */
  public CopyText field(int number) {
    return field(ByteBuffer.wrap(Integer.toString(number).getBytes(StandardCharsets.US_ASCII)));
  }

  private void separate() {
    if (rowBegun) {
      room(1);
      append((byte) '\t');
    }
    rowBegun = true;
  }

  /** Most values have nothing to escape, and are taken as a whole. */
  private void append(ByteBuffer text) {
    int length = text.remaining();
    room(2 * length);
    text.get(text.position(), bytes, size, length);
    int end = size + length;
    while (size < end && !isSpecial(bytes[size])) {
      size++;
    }
    if (size < end) {
      escape(Arrays.copyOfRange(bytes, size, end));
    }
  }

  private static boolean isSpecial(byte next) {
    return next == '\\' || (next <= '\r' && (next == '\n' || next == '\r' || next == '\t'));
  }

  private void escape(byte[] text) {
    for (byte next : text) {
      switch (next) {
        case '\\' -> escaped('\\');
        case '\n' -> escaped('n');
        case '\r' -> escaped('r');
        case '\t' -> escaped('t');
        default -> append(next);
      }
    }
  }

  private void escaped(char letter) {
    append((byte) '\\');
    append((byte) letter);
  }

  private void append(byte next) {
    bytes[size++] = next;
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }

  /** Ends the current row. */
  public void endRow() throws SQLException {
    room(1);
    append((byte) '\n');
    rowBegun = false;
    if (size >= FULL) {
      send();
    }
  }

  private void send() throws SQLException {
    copy.writeToCopy(bytes, 0, size);
    size = 0;
    if (bytes.length > 16 * FULL) {
      bytes = new byte[FULL + 1024];
    }
  }

  /**
   * Ends the copy; the server has taken all rows, or the call fails.
   *
   * @return how many
   */
  public long finish() throws SQLException {
    send();
    finished = true;
    return copy.endCopy();
  }

  @Override
  public void close() throws SQLException {
    if (!finished && copy.isActive()) {
      copy.cancelCopy();
    }
  }
}
