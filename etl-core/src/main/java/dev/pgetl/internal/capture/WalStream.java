package dev.pgetl.internal.capture;

import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;

/**
 * One open replication stream.
 *
 * <p>Owned by one reader thread; {@link #confirm}, {@link #silentNanos} and {@link #close} may be
 * called from any thread. All failures are an {@link dev.pgetl.error.EtlException}, after which the
 * stream is of no use any more; the caller must close it.
 */
public interface WalStream extends AutoCloseable {

  /** What {@link #poll} found. */
  enum Input {
    /** A message of the output plugin. */
    DATA,
    /** The server's position, without data. */
    KEEPALIVE,
    /** Nothing within the time. */
    NOTHING
  }

  /**
   * Reads the next input. Sends what the server has to know when it is due: at least once per
   * status interval, when the server asks, and soon after the durable position moved while there is
   * nothing to read.
   *
   * @param maxWaitNanos how long to wait at most; 0 for not at all
   * @return what was read
   * @throws dev.pgetl.error.EtlException if the server or the connection failed, or the stream was
   *     closed
   */
  Input poll(long maxWaitNanos);

  /** {@return the server process that sends it, as {@code pg_replication_slots} names it} */
  int serverProcess();

  /** {@return in what format values were asked for} */
  ValueFormat format();

  /**
   * {@return whether the server ended the stream because there is no binary format of something}
   * The type of a column may have one while what its values consist of has none.
   */
  boolean binaryRefused();

  /**
   * {@return the array that holds the last {@link Input#DATA}; it is not used for anything else,
   * ever}
   */
  byte[] bytes();

  /** {@return where the message of the last {@link Input#DATA} begins in {@link #bytes}} */
  int offset();

  /** {@return how long the message of the last {@link Input#DATA} is} */
  int length();

  /**
   * {@return the server's position at the last {@link Input#DATA} or {@link Input#KEEPALIVE}} After
   * a keepalive, everything committed before it has been sent.
   */
  long walEnd();

  /** {@return the server's clock at the last input, microseconds since 2000-01-01} */
  long serverClockMicros();

  /**
   * Sends what is due without reading: to be called about every 100 ms while the reader does not
   * {@link #poll}.
   */
  void maintain();

  /**
   * Asks the server to answer the next status, which is sent at once or with the next {@link
   * #poll}.
   */
  void requestKeepalive();

  /**
   * Sets up to where everything is durable; the next status reports it to the server.
   *
   * @param durable a smaller position than before is ignored, one beyond what was received is cut
   *     to that
   */
  void confirm(Lsn durable);

  /** Sends the durable position now. */
  void flushStatus();

  /**
   * {@return whether the server is shutting down and waits for this stream to confirm or to leave}
   */
  boolean serverIsStopping();

  /** {@return how long ago the last byte came from the server} */
  long silentNanos();

  /** Cuts the connection, whatever the server is sending. Wakes the reader. Idempotent. */
  @Override
  void close();
}
