package dev.pgetl.internal.capture.wire;

/**
 * Decides how long the reader of a stream stays away before it reads again.
 *
 * <p>The server makes one system call for every row. Such a call is cheap while the TCP window is
 * closed, because the row is only appended to what waits to be sent, and expensive while it is
 * open, because a packet goes out and the reader is woken. So while bytes come at a high pace, the
 * reader stays away long enough for a small window to fill and for much more to gather behind it,
 * then takes all of it at once, and lets the window close again while it looks at what it has:
 * looking at each piece as it comes would leave the window open for a third of the time. As soon as
 * the pace drops, it waits inside the kernel as usual and adds no latency. A stream's messages that
 * are large by themselves gain nothing by gathering, so they are not waited for either.
 *
 * <p>{@link PauseLength} finds how long is best. Owned by the reading thread. Times are the
 * ticker's, in nanoseconds.
 */
public final class ReadPause {
  /**
   * When so much is there after a read, it had waited for room, and more may wait. Well below the
   * small window, well above what a server sends while the reader takes a look.
   */
  static final int WORTH_READING_BYTES = 64 << 10;

  /**
   * Two or three of these fill the small window; some 50 kB where a cycle brings only one or two.
   */
  static final int LARGE_MESSAGE_BYTES = 32 << 10;

  /** Bytes per microsecond at which the server counts as sending as fast as it can. */
  private static final int HOT_PACE = 2;

  /** How long a pace is measured while there are no pauses. */
  private static final long LOOK_NANOS = 500_000;

  private final long longestNanos;
  private PauseLength length;
  private boolean counts;
  private long messages;
  private long cycleStart;
  private long cycleBytes;

  ReadPause(long longestNanos, long now) {
    this.longestNanos = longestNanos;
    this.length = new PauseLength(longestNanos, 0);
    this.cycleStart = now;
  }

  /**
   * Prepares for much to come.
   *
   * @param roundTrip how long the server takes to answer
   */
  void expectBulk(long roundTrip) {
    length = new PauseLength(longestNanos, roundTrip);
  }

  /** {@return how long pauses are; 0 for none, always while bytes come slowly} */
  long nanos() {
    return length.nanos();
  }

  /** Bytes have been read. */
  void received(int count) {
    cycleBytes += count;
  }

  /** A message has been taken out of what was read. A reader counts all of them, or none. */
  void taken() {
    counts = true;
    messages++;
  }

  /** Nothing came for so long that a wait ended. */
  void onQuiet(long now) {
    length.rest();
    startCycle(now);
  }

  /**
   * {@return how long to stay away after the last read; 0 for not at all} To be asked before the
   * next one, when what was there has been looked at.
   */
  long next(long now) {
    long elapsed = now - cycleStart;
    if (nanos() == 0 && elapsed < LOOK_NANOS) {
      return 0;
    }
    boolean hot = cycleBytes >= elapsed / 1_000 * HOT_PACE;
    if (hot && !areMessagesLarge()) {
      length.adapt(elapsed, cycleBytes);
    } else {
      length.rest();
    }
    startCycle(now);
    return nanos();
  }

  private boolean areMessagesLarge() {
    return counts && cycleBytes >= (messages + 1) * LARGE_MESSAGE_BYTES;
  }

  private void startCycle(long now) {
    cycleStart = now;
    cycleBytes = 0;
    messages = 0;
  }
}
