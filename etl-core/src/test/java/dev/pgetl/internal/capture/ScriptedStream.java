package dev.pgetl.internal.capture;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A stream from a server that is played by a test; what it tells the server, and when, is real. */
public final class ScriptedStream implements WalStream {
  /** The other end of the connection. */
  public interface Server {
    /**
     * {@return the content of the next CopyData message; null if there is none at the moment}
     *
     * @throws IOException if the connection is lost
     */
    byte @Nullable [] next() throws IOException;

    /** Waits until there may be a message. */
    void await(long nanos);

    /** Takes the content of a standby status update. */
    void status(ByteBuffer update) throws IOException;

    /** {@return its process} */
    int process();

    /** {@return when the last byte was read} */
    long lastByteAt();

    /** {@return why the stream broke} */
    EtlException whyBroken(String doing, Exception cause);

    void close();
  }

  private static final int REQUESTS_OF_A_STOPPING_SERVER = 20;
  private static final int DATA_HEADER_BYTES = 25;
  private static final int COPY_DATA_HEADER_BYTES = 5;

  private final Server server;
  private final String slot;
  private final Ticker ticker;
  private final Feedback feedback;
  private byte[] frame = {};
  private long walEnd;
  private int requestsInARow;
  private volatile boolean closed;

  public ScriptedStream(
      Server server, String slot, Lsn from, PgConnectionConfig config, Ticker ticker) {
    this.server = server;
    this.slot = slot;
    this.ticker = ticker;
    this.feedback = new Feedback(new Sending(), server::lastByteAt, config, from, ticker.nanos());
  }

  private final class Sending extends OutputStream {
    @Override
    public void write(int one) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(byte[] message) throws IOException {
      server.status(
          ByteBuffer.wrap(
              message, COPY_DATA_HEADER_BYTES, message.length - COPY_DATA_HEADER_BYTES));
    }
  }

  @Override
  public int serverProcess() {
    return server.process();
  }

  @Override
  public Input poll(long maxWaitNanos) {
    try {
      byte[] next = next(maxWaitNanos);
      return next == null ? Input.NOTHING : accept(next);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private byte @Nullable [] next(long maxWaitNanos) throws IOException {
    requireOpen();
    byte[] next = server.next();
    long now = ticker.nanos();
    long until = now + maxWaitNanos;
    while (next == null) {
      feedback.idle(now);
      server.await(Math.max(0, Math.min(until - now, feedback.nanosUntilDue(now))));
      requireOpen();
      next = server.next();
      now = ticker.nanos();
      if (until - now <= 0) {
        break;
      }
    }
    return next;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
  }

  private Input accept(byte[] next) throws IOException {
    ByteBuffer message = ByteBuffer.wrap(next);
    if (next[0] == 'w') {
      frame = next;
      walEnd = message.getLong(9);
      feedback.received(message.getLong(1));
      requestsInARow = 0;
      return Input.DATA;
    }
    walEnd = message.getLong(1);
    feedback.received(walEnd);
    long now = ticker.nanos();
    feedback.serverClock(message.getLong(9), now);
    if (message.get(17) == 0) {
      requestsInARow = 0;
    } else {
      requestsInARow++;
      feedback.asked();
      feedback.tick(now);
    }
    return Input.KEEPALIVE;
  }

  @Override
  public ValueFormat format() {
    return ValueFormat.TEXT;
  }

  @Override
  public boolean binaryRefused() {
    return false;
  }

  @Override
  public byte[] bytes() {
    return frame;
  }

  @Override
  public int offset() {
    return DATA_HEADER_BYTES;
  }

  @Override
  public int length() {
    return frame.length - DATA_HEADER_BYTES;
  }

  @Override
  public long walEnd() {
    return walEnd;
  }

  @Override
  public long serverClockMicros() {
    return 0;
  }

  @Override
  public void maintain() {
    try {
      requireOpen();
      feedback.notReading(ticker.nanos());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  @Override
  public void requestKeepalive() {
    feedback.ping();
  }

  @Override
  public void confirm(Lsn flushed) {
    feedback.confirm(flushed.value());
  }

  @Override
  public void flushStatus() {
    try {
      requireOpen();
      feedback.send(ticker.nanos());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  @Override
  public boolean serverIsStopping() {
    return requestsInARow >= REQUESTS_OF_A_STOPPING_SERVER;
  }

  @Override
  public long silentNanos() {
    return ticker.nanos() - server.lastByteAt();
  }

  @Override
  public void close() {
    closed = true;
    server.close();
  }

  private EtlException broken(Exception cause) {
    server.close();
    String doing = "read from slot " + slot + " at " + feedback.received();
    return closed || cause instanceof Feedback.SilenceException
        ? new EtlException(ErrorKind.SOURCE_UNAVAILABLE, doing + " ended", cause)
        : server.whyBroken(doing, cause);
  }
}
