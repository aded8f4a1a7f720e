package dev.pgetl.testkit.net;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Cuts what a Postgres client sends into messages, to know its standby status messages. A stream
 * that is not what Postgres expects, or becomes TLS, passes as bytes.
 */
final class ClientMessages {
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;
  private static final int CANCEL_REQUEST = 80877102;
  private static final int MAX_STARTUP_LENGTH = 10_000;
  private static final int STATUS_LENGTH = 4 + 1 + 4 * 8 + 1;

  private final InputStream input;
  private final byte[] buffer = new byte[Piece.MAX_LENGTH];
  private State state = State.STARTUP;
  private int restOfMessage;

  /** How the next bytes are to be read. */
  private enum State {
    STARTUP,
    MESSAGES,
    BYTES
  }

  ClientMessages(InputStream input) {
    this.input = new BufferedInputStream(input, Piece.MAX_LENGTH);
  }

  Piece next() throws IOException {
    return switch (state) {
      case STARTUP -> startup();
      case MESSAGES -> restOfMessage > 0 ? rest() : message();
      case BYTES -> new Piece(buffer, input.read(buffer), false);
    };
  }

  /** The first messages have a length, which begins with a zero byte, and a code, but no type. */
  private Piece startup() throws IOException {
    int read = input.readNBytes(buffer, 0, 1);
    if (read == 0 || buffer[0] != 0) {
      state = State.BYTES;
      return piece(read);
    }
    read += input.readNBytes(buffer, read, 7);
    int length = read < 8 ? 0 : ByteBuffer.wrap(buffer).getInt(0);
    if (length < 8 || length > MAX_STARTUP_LENGTH) {
      state = State.BYTES;
      return piece(read);
    }
    int code = ByteBuffer.wrap(buffer).getInt(4);
    if (code == CANCEL_REQUEST) {
      state = State.BYTES;
    } else if (code != SSL_REQUEST && code != GSS_REQUEST) {
      state = State.MESSAGES;
    }
    return piece(read + input.readNBytes(buffer, read, length - read));
  }

  private Piece message() throws IOException {
    int read = input.readNBytes(buffer, 0, 5);
    if (read < 5) {
      state = State.BYTES;
      return piece(read);
    }
    restOfMessage = ByteBuffer.wrap(buffer).getInt(1) - 4;
    if (buffer[0] == 'd' && restOfMessage == STATUS_LENGTH - 4) {
      read += input.readNBytes(buffer, read, restOfMessage);
      restOfMessage = 0;
      return new Piece(buffer, read, buffer[5] == 'r');
    }
    return piece(read);
  }

  private Piece rest() throws IOException {
    int read = input.read(buffer, 0, Math.min(buffer.length, restOfMessage));
    restOfMessage -= Math.max(0, read);
    return piece(read);
  }

  private Piece piece(int length) {
    return new Piece(buffer, length == 0 ? -1 : length, false);
  }
}
