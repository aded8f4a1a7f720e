package dev.pgetl.internal.capture;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.SlotCatalog;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.capture.wire.GatheringInput;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyDual;

/**
 * A replication stream over the driver's two-way COPY.
 *
 * <p>The driver takes the messages apart, but never waits for one: it would do so under a lock and
 * without reporting to the server. {@link GatheringInput} below it waits, {@link Feedback} reports.
 */
final class CopyDualStream implements WalStream {
  private static final int DATA_HEADER_BYTES = 1 + 3 * Long.BYTES;
  private static final int KEEPALIVE_BYTES = 1 + 2 * Long.BYTES + 1;

  /**
   * Consecutive keepalives that request a reply. A burst this long means that the server is
   * shutting down.
   */
  private static final int REQUESTS_OF_A_STOPPING_SERVER = 20;

  /** The first byte of a commit: behind it and behind a keepalive, what came before is complete. */
  private static final byte COMMIT = 'C';

  private final Session session;
  private final CopyDual copy;
  private final SlotCatalog slots;
  private final String slotName;
  private final String publicationName;
  private final ValueFormat format;
  private final int backendPid;
  private final GatheringInput input;
  private final Feedback feedback;
  private final Ticker ticker;
  private final ServerWarnings warnings;
  private byte[] frame = {};
  private long walEnd;
  private long serverClock;
  private int requestsInARow;
  private boolean binaryRefused;
  private volatile boolean closed;

  CopyDualStream(
      Session session,
      CopyDual copy,
      SlotCatalog slots,
      String slotName,
      String publicationName,
      ValueFormat format,
      Feedback feedback,
      Ticker ticker) {
    this.session = session;
    this.copy = copy;
    this.slots = slots;
    this.slotName = slotName;
    this.publicationName = publicationName;
    this.format = format;
    this.backendPid = session.backendPid();
    this.input = session.input();
    this.feedback = feedback;
    this.ticker = ticker;
    this.warnings = new ServerWarnings(ticker);
    input.stream(feedback);
  }

  @Override
  public int serverProcess() {
    return backendPid;
  }

  @Override
  public Input poll(long maxWaitNanos) {
    try {
      byte[] next = copy.readFromCopy(false);
      if (next == null) {
        next = await(maxWaitNanos);
      }
      return next == null ? Input.NOTHING : accept(next);
    } catch (SQLException | IOException e) {
      throw broken(e);
    } catch (OutOfMemoryError e) {
      session.abort();
      throw SqlErrors.tooLarge(doing(), e);
    }
  }

  private byte @Nullable [] await(long maxWaitNanos) throws SQLException, IOException {
    long now = ticker.nanos();
    long until = now + maxWaitNanos;
    while (true) {
      feedback.idle(now);
      int count = input.readAhead(Math.min(until - now, feedback.nanosUntilDue(now)));
      if (count < 0) {
        throw new EOFException("the server closed the connection");
      }
      byte[] next = count == 0 ? null : copy.readFromCopy(false);
      now = ticker.nanos();
      if (next != null || until - now <= 0) {
        return next;
      }
    }
  }

  private Input accept(byte[] next) throws SQLException, IOException {
    input.messageTaken();
    ByteBuffer message = ByteBuffer.wrap(next);
    if (next.length >= DATA_HEADER_BYTES && next[0] == 'w') {
      return acceptData(next, message);
    }
    if (next.length >= KEEPALIVE_BYTES && next[0] == 'k') {
      return acceptKeepalive(message);
    }
    throw new EtlException(
        ErrorKind.SOURCE_PROTOCOL,
        doing()
            + " failed: a message of type "
            + (next.length == 0 ? "none" : next[0])
            + " and "
            + next.length
            + " bytes is not known");
  }

  private Input acceptData(byte[] next, ByteBuffer message) throws SQLException {
    if (next.length > DATA_HEADER_BYTES && next[DATA_HEADER_BYTES] == COMMIT) {
      requirePublication();
    }
    frame = next;
    long walStart = message.getLong(1);
    walEnd = message.getLong(9);
    serverClock = message.getLong(17);
    feedback.received(walStart);
    requestsInARow = 0;
    return Input.DATA;
  }

  private Input acceptKeepalive(ByteBuffer message) throws SQLException, IOException {
    requirePublication();
    walEnd = message.getLong(1);
    serverClock = message.getLong(9);
    feedback.received(walEnd);
    long now = ticker.nanos();
    feedback.serverClock(serverClock, now);
    if (message.get(17) == 0) {
      requestsInARow = 0;
    } else {
      requestsInARow++;
      feedback.asked();
      feedback.tick(now);
    }
    return Input.KEEPALIVE;
  }

  private void requirePublication() throws SQLException {
    SQLWarning first = session.jdbc().getWarnings();
    if (first == null) {
      return;
    }
    session.jdbc().clearWarnings();
    SQLWarning missing = warnings.publicationMissing(first);
    if (missing != null) {
      throw publicationMissing(missing);
    }
  }

  @Override
  public ValueFormat format() {
    return format;
  }

  @Override
  public boolean binaryRefused() {
    return binaryRefused;
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
    return serverClock;
  }

  @Override
  public void maintain() {
    try {
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
  public void confirm(Lsn durable) {
    feedback.confirm(durable.value());
  }

  @Override
  public void flushStatus() {
    try {
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
    return ticker.nanos() - input.lastByteAt();
  }

  @Override
  public void close() {
    closed = true;
    session.abort();
  }

  private EtlException broken(Exception cause) {
    session.abort();
    if (closed) {
      return new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE, doing() + " ended: the stream was closed", cause);
    }
    Feedback.SilenceException silence = SqlErrors.causeOf(cause, Feedback.SilenceException.class);
    if (silence != null) {
      slots.suspectConnection();
      return new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE, doing() + " failed: " + silence.getMessage(), cause);
    }
    if (cause instanceof SQLException refused && !SqlErrors.isConnectionLost(refused)) {
      return refused(refused);
    }
    return slots.whyBroken(doing(), slotName, backendPid, cause);
  }

  private EtlException refused(SQLException error) {
    if (SqlErrors.stateOf(error).equals(SqlErrors.UNDEFINED_OBJECT)) {
      return publicationMissing(error);
    }
    binaryRefused =
        format == ValueFormat.BINARY
            && SqlErrors.stateOf(error).equals(SqlErrors.UNDEFINED_FUNCTION);
    EtlException failure = SqlErrors.failure(doing(), error);
    return failure.kind() == ErrorKind.SOURCE_FAILED ? slots.ifLost(failure, slotName) : failure;
  }

  private EtlException publicationMissing(SQLException cause) {
    return new EtlException(
            ErrorKind.PUBLICATION_MISSING,
            doing()
                + " failed: publication \""
                + publicationName
                + "\" did not exist at this place in the log",
            cause)
        .withFix(
            "Changes made meanwhile are not in the stream, and the slot cannot pass this place even if the publication"
                + " exists again. Make sure that it does, drop the slot: SELECT pg_drop_replication_slot('"
                + slotName
                + "'), and start with invalidatedSlotBehavior RECREATE, which copies all tables again");
  }

  private String doing() {
    return "read from slot " + slotName + " at " + feedback.received();
  }
}
