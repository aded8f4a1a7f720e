package dev.pgetl.internal.capture;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.wire.GatheringInput;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The status messages of a stream: sent at least once per interval, when the server asks, soon
 * after the durable position moved, and when it has been silent for long, to see whether it is
 * still there.
 *
 * <p>Writes whole protocol messages to the socket; while a stream is open, nothing else writes
 * there. Owned by the reading thread; only {@link #confirm} and {@link #unansweredNanos} may be
 * called from others.
 */
final class Feedback implements GatheringInput.Watch {
  /** The server did not answer. */
  static final class SilenceException extends IOException {
    private static final long serialVersionUID = 1L;

    SilenceException(String message) {
      super(message);
    }
  }

  private static final int STATUS_BYTES = 34;

  /** How soon a new durable position is reported while there is nothing to read. */
  private static final long CONFIRM_NANOS = Duration.ofMillis(100).toNanos();

  /** A server that stops asks again as soon as it has its answer. */
  private static final long ANSWER_NANOS = Duration.ofMillis(20).toNanos();

  private final OutputStream output;
  private final LongSupplier lastByteAt;
  private final long intervalNanos;
  private final long silenceNanos;
  private final AtomicLong durable = new AtomicLong();
  private long received;
  private long reported;
  private long sentAt;
  private boolean asked;
  private boolean pingDue;
  private volatile boolean pinged;
  private volatile long pingedAt;
  private long serverClock;
  private long serverClockAt;

  /**
   * Creates the feedback of a stream that has just been opened.
   *
   * @param session the stream's connection
   * @param config how often to send a status, and how long to bear silence: half of it until the
   *     server is asked for a sign, half of it for the answer
   * @param from where the stream begins
   * @param now the ticker's time
   */
  Feedback(Session session, PgConnectionConfig config, Lsn from, long now) throws IOException {
    this(session.output(), session.input()::lastByteAt, config, from, now);
  }

  Feedback(
      OutputStream output, LongSupplier lastByteAt, PgConnectionConfig config, Lsn from, long now) {
    this.output = output;
    this.lastByteAt = lastByteAt;
    this.intervalNanos = config.statusInterval().toNanos();
    this.silenceNanos = config.walSenderTimeout().toNanos();
    this.received = from.value();
    this.sentAt = now - intervalNanos;
  }

  void received(long position) {
    received = later(received, position);
  }

  Lsn received() {
    return new Lsn(received);
  }

  /** A message that waited in a buffer is no reason to set the clock back. */
  void serverClock(long micros, long now) {
    serverClock = serverClock == 0 ? micros : Math.max(micros, serverClock(now));
    serverClockAt = now;
  }

  private long serverClock(long now) {
    return serverClock + (now - serverClockAt) / 1_000;
  }

  void confirm(long position) {
    durable.accumulateAndGet(position, Feedback::later);
  }

  /** The server wants an answer. */
  void asked() {
    asked = true;
  }

  /** The server shall answer. */
  void ping() {
    pingDue = true;
  }

  /** The reader is not reading, so silence of the server would go unnoticed. */
  void notReading(long now) throws IOException {
    pinged = false;
    if (isDue(now)) {
      send(now);
    }
  }

  /** There is nothing to read at the moment. */
  void idle(long now) throws IOException {
    boolean moved = reported != confirmable() && now - sentAt >= CONFIRM_NANOS;
    if (moved) {
      send(now);
    }
    tick(now);
  }

  @Override
  public void tick(long now) throws IOException {
    watchSilence(now);
    if (isDue(now)) {
      send(now);
    }
  }

  /** {@return how long nothing has to be sent, unless something happens} */
  long nanosUntilDue(long now) {
    long untilInterval = sentAt + intervalNanos - now;
    if (asked) {
      return Math.min(untilInterval, sentAt + ANSWER_NANOS - now);
    }
    boolean outstanding = Long.compareUnsigned(reported, received) < 0;
    return outstanding ? Math.min(untilInterval, CONFIRM_NANOS) : untilInterval;
  }

  @Override
  public long unansweredNanos(long now) {
    long since = pingedAt;
    boolean owed = pinged && lastByteAt.getAsLong() - since <= 0;
    return owed ? Math.max(0, now - since) : 0;
  }

  private boolean isDue(long now) {
    long elapsed = now - sentAt;
    return elapsed >= intervalNanos || pingDue || (asked && elapsed >= ANSWER_NANOS);
  }

  private void watchSilence(long now) throws SilenceException {
    long last = lastByteAt.getAsLong();
    if (pinged && last - pingedAt > 0) {
      pinged = false;
    }
    if (pinged && now - pingedAt >= silenceNanos / 2 && now - last >= silenceNanos) {
      throw new SilenceException(
          "the server has sent nothing for " + (now - last) / 1_000_000_000 + " s");
    }
    if (!pinged && now - last >= silenceNanos / 2) {
      pingDue = true;
    }
  }

  /** Sends a status now. */
  void send(long now) throws IOException {
    long flushed = confirmable();
    ByteBuffer message = ByteBuffer.allocate(1 + 4 + STATUS_BYTES);
    message.put((byte) 'd').putInt(4 + STATUS_BYTES);
    message.put((byte) 'r').putLong(received).putLong(flushed).putLong(flushed);
    message.putLong(serverClock(now));
    message.put((byte) (pingDue ? 1 : 0));
    output.write(message.array());
    output.flush();
    reported = flushed;
    sentAt = now;
    asked = false;
    if (pingDue && !pinged) {
      // Asking again while the server owes an answer does not give it more time.
      pingedAt = now;
      pinged = true;
    }
    pingDue = false;
  }

  /**
   * A position that was not received must not be confirmed: the server would skip what lies before
   * it.
   */
  private long confirmable() {
    long position = durable.get();
    return Long.compareUnsigned(position, received) > 0 ? received : position;
  }

  private static long later(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }
}
