package dev.pgetl.internal.capture.wire;

import dev.pgetl.internal.platform.Ticker;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What comes in on one connection, with a large buffer between the kernel and the driver, whose own
 * is small.
 *
 * <p>While bytes come fast, it lets them gather and then takes all of them in before anybody looks
 * at the first: see {@link ReadPause}.
 *
 * <p>Owned by the reading thread; only {@link #lastByteAt} and {@link #unansweredNanos} may be
 * called from others.
 */
public final class GatheringInput extends InputStream {
  /** The kernel's side of a socket. */
  interface Kernel {
    /**
     * Reads what is there, at least one byte.
     *
     * @param timeoutMillis how long to wait for it; 0 for no limit
     * @return how many bytes, -1 at the end
     * @throws SocketTimeoutException if nothing came in time
     */
    int read(byte[] into, int offset, int length, int timeoutMillis) throws IOException;

    /** {@return how many bytes can be read without waiting; 0 at the end, too} */
    int available() throws IOException;

    /** Lets the thread do nothing for a while. */
    void stayAway(long nanos);
  }

  /**
   * Looks after a stream while its thread waits for bytes, or takes in a message that does not end.
   */
  public interface Watch {
    /**
     * Called after every read from the kernel and about once per second without one.
     *
     * @param nowNanos the ticker's time
     * @throws IOException to end the read
     */
    void tick(long nowNanos) throws IOException;

    /**
     * {@return for how long the server has owed a sign of life that it was asked for; 0 if it owes
     * none} For any thread.
     *
     * @param nowNanos the ticker's time
     */
    default long unansweredNanos(long nowNanos) {
      return 0;
    }
  }

  /** The JDK takes at most this much from the kernel in one call. */
  static final int READ_BYTES = 128 << 10;

  /** Room for what a server sends while the reader stays away. */
  static final int BULK_BYTES = 512 << 10;

  private static final long NOT_READING = Long.MIN_VALUE;

  private static final int SLICE_MILLIS = 1_000;

  /** The time-out the driver sets to ask whether anything is there. */
  private static final int POLL_MILLIS = 1;

  private final Kernel kernel;
  private final Ticker ticker;
  private final ReadPause pause;
  private final SocketTimeoutException nothingBuffered = new StacklessTimeout();
  private byte[] buffer = new byte[READ_BYTES];
  private int head;
  private int tail;
  private boolean ended;
  private int timeoutMillis;
  private volatile @Nullable Watch watch;
  private volatile long lastByteAt;
  private volatile long readingSince = NOT_READING;
  private boolean asked;
  private long askedAt;
  private long quickestAnswerNanos = Long.MAX_VALUE;
  private long roundTripNanos;
  private boolean foundNoRoom;

  GatheringInput(Kernel kernel, Ticker ticker, ReadPause pause) {
    this.kernel = kernel;
    this.ticker = ticker;
    this.pause = pause;
    this.lastByteAt = ticker.nanos();
  }

  /**
   * Goes over to streaming: the driver's question whether anything is there is answered from the
   * buffer alone, and long reads are watched.
   */
  public void stream(Watch streamWatch) {
    watch = Objects.requireNonNull(streamWatch, "streamWatch");
  }

  /**
   * Makes room for much that is to come.
   *
   * @param roundTrip how long the server takes to answer, in nanoseconds
   * @param waits whether to wait so long for what the server had no room to send
   */
  void expectBulk(long roundTrip, boolean waits) {
    buffer = Arrays.copyOf(buffer, BULK_BYTES);
    roundTripNanos = waits ? roundTrip : 0;
    pause.expectBulk(roundTrip);
  }

  /** Something has been written, by the thread that reads: the next byte is its answer. */
  void asked() {
    asked = true;
    askedAt = ticker.nanos();
  }

  /** Forgets how quickly the server answered until now. */
  void forgetAnswers() {
    asked = false;
    quickestAnswerNanos = Long.MAX_VALUE;
  }

  /** {@return the shortest time it took the server to answer, a round trip or a little more} */
  long quickestAnswerNanos() {
    return quickestAnswerNanos;
  }

  /** Counts a message that the driver has taken out of what came. */
  public void messageTaken() {
    pause.taken();
  }

  /** {@return when the last byte came, in the ticker's time} */
  public long lastByteAt() {
    return lastByteAt;
  }

  /** {@return for how long the server has owed an answer; 0 if it owes none} */
  long unansweredNanos() {
    long now = ticker.nanos();
    Watch streaming = watch;
    if (streaming != null) {
      return streaming.unansweredNanos(now);
    }
    long since = readingSince;
    return since == NOT_READING ? 0 : Math.max(0, now - since);
  }

  void timeoutMillis(int millis) {
    timeoutMillis = millis;
  }

  int timeoutMillis() {
    return timeoutMillis;
  }

  /**
   * Takes bytes in without being asked for them, so that the driver finds them when it looks.
   *
   * @param maxWaitNanos how long to wait for the first; 0 for not at all
   * @return how many came, 0 if none did, -1 if the connection has ended
   */
  public int readAhead(long maxWaitNanos) throws IOException {
    makeRoom();
    if (tail == buffer.length) {
      throw new IOException("the driver does not take what the server sent");
    }
    if (maxWaitNanos <= 0 && kernel.available() == 0) {
      return 0;
    }
    gather();
    try {
      int wait = (int) Math.min(SLICE_MILLIS, maxWaitNanos / 1_000_000 + 1);
      return fillBuffer(wait);
    } catch (SocketTimeoutException e) {
      onQuiet();
      return 0;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (head == tail) {
      if (length >= READ_BYTES) {
        return readKernel(into, offset, length);
      }
      if (!refill()) {
        return -1;
      }
    }
    int count = Math.min(length, tail - head);
    System.arraycopy(buffer, head, into, offset, count);
    head += count;
    return count;
  }

  @Override
  public int available() throws IOException {
    return head < tail || watch != null ? tail - head : kernel.available();
  }

  private boolean refill() throws IOException {
    head = 0;
    tail = 0;
    int count = readKernel(buffer, 0, READ_BYTES);
    tail = Math.max(count, 0);
    drain();
    return count > 0;
  }

  /** What goes past the buffer belongs to one large message, which gains nothing by gathering. */
  private int readKernel(byte[] into, int offset, int length) throws IOException {
    if (ended) {
      return -1;
    }
    if (watch != null && timeoutMillis == POLL_MILLIS) {
      throw nothingBuffered;
    }
    if (into == buffer || !hasBulk()) {
      gather();
    }
    return watch == null ? readAnswer(into, offset, length) : readWatched(into, offset, length);
  }

  private int readAnswer(byte[] into, int offset, int length) throws IOException {
    readingSince = ticker.nanos();
    try {
      return recordRead(kernel.read(into, offset, length, timeoutMillis));
    } finally {
      readingSince = NOT_READING;
    }
  }

  /** The driver waits for the rest of a message. */
  private int readWatched(byte[] into, int offset, int length) throws IOException {
    while (true) {
      try {
        return recordRead(kernel.read(into, offset, length, SLICE_MILLIS));
      } catch (SocketTimeoutException e) {
        onQuiet();
      }
    }
  }

  private void makeRoom() {
    if (head > 0) {
      System.arraycopy(buffer, head, buffer, 0, tail - head);
      tail -= head;
      head = 0;
    }
  }

  private int fillBuffer(int waitMillis) throws IOException {
    int count = readIntoBuffer(waitMillis);
    drain();
    return count;
  }

  private int readIntoBuffer(int waitMillis) throws IOException {
    int room = Math.min(READ_BYTES, buffer.length - tail);
    int count = ended ? -1 : recordRead(kernel.read(buffer, tail, room, waitMillis));
    tail += Math.max(count, 0);
    return count;
  }

  /** Stays away since the last read as long as it pays, but not from what found no room. */
  private void gather() {
    if (foundNoRoom) {
      return;
    }
    long now = ticker.nanos();
    long nanos = pause.next(now) - (now - lastByteAt);
    if (nanos > 0) {
      kernel.stayAway(nanos);
    }
  }

  /**
   * Under load, continues while what was read had waited for room. Over a network the next part is
   * a round trip away. On one machine nothing is waited for: leaving while the server still has
   * something to send is even better, for then the window closes again at once.
   */
  private void drain() throws IOException {
    boolean more = isMoreToCome();
    while (more && buffer.length - tail >= ReadPause.WORTH_READING_BYTES) {
      readIntoBuffer(SLICE_MILLIS);
      more = isMoreToCome();
    }
    foundNoRoom = more;
  }

  private boolean isMoreToCome() throws IOException {
    return pause.nanos() > 0 && !ended && (hasBulk() || hasBulkAfterRoundTrip());
  }

  private boolean hasBulk() throws IOException {
    return kernel.available() >= ReadPause.WORTH_READING_BYTES;
  }

  private boolean hasBulkAfterRoundTrip() throws IOException {
    if (roundTripNanos == 0) {
      return false;
    }
    kernel.stayAway(roundTripNanos);
    return hasBulk();
  }

  private int recordRead(int count) throws IOException {
    if (count < 0) {
      ended = true;
      return count;
    }
    long now = ticker.nanos();
    lastByteAt = now;
    pause.received(count);
    if (watch != null) {
      watch.tick(now);
    } else if (asked) {
      asked = false;
      quickestAnswerNanos = Math.min(quickestAnswerNanos, now - askedAt);
    }
    return count;
  }

  private void onQuiet() throws IOException {
    if (watch != null) {
      long now = ticker.nanos();
      pause.onQuiet(now);
      watch.tick(now);
    }
  }

  /** Thrown many times per second, and its trace is never read. */
  private static final class StacklessTimeout extends SocketTimeoutException {
    private static final long serialVersionUID = 1L;

    StacklessTimeout() {
      super("nothing buffered");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
