package dev.pgetl.testkit.net;

import java.io.IOException;
import java.io.InputStream;

/**
 * Some bytes of a stream that pass together. The array belongs to the reader and is used again by
 * the next read.
 *
 * @param bytes holds them from its beginning
 * @param length how many; negative at the end of the stream
 * @param isStatusMessage whether they are one standby status message
 */
// Handed from a reader to its only user, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Piece(byte[] bytes, int length, boolean isStatusMessage) {
  static final int MAX_LENGTH = 16 * 1024;

  boolean isEnd() {
    return length < 0;
  }

  /** Reads what is there, as it comes. */
  static final class Reader {
    private final InputStream input;
    private final byte[] buffer = new byte[MAX_LENGTH];

    Reader(InputStream input) {
      this.input = input;
    }

    Piece next() throws IOException {
      return new Piece(buffer, input.read(buffer), false);
    }
  }
}
