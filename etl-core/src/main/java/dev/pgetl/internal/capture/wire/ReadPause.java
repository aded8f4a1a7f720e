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
 * the pace drops, it waits inside the kernel as usual and adds no latency.
 *
 * <p>Where the buffers between here and the server are too small for such pauses (a proxy, a
 * tunnel), they would throttle the stream. So from time to time some laps are run with short
 * pauses, and if they are clearly faster than those before and after them, pauses stay short; the
 * same way leads back.
 *
 * <p>Owned by the reading thread. Times are the ticker's, in nanoseconds.
 */
public final class ReadPause {
  /**
   * When so much is there after a read, it had waited for room, and more may wait. Well below the
   * small window, well above what a server sends while the reader takes a look.
   */
  static final int WORTH_READING_BYTES = 64 << 10;

  /** Bytes per microsecond at which the server counts as sending as fast as it can. */
  private static final int HOT_PACE = 2;

  private static final long FIRST_NANOS = 500_000;
  private static final int SHORT_DIVISOR = 8;
  private static final long LAP_NANOS = 100_000_000;
  private static final int LAPS_BETWEEN_TRIALS = 50;

  /** Until then a JVM that has just begun is busy with itself, and no two laps are alike. */
  private static final int FIRST_TRIAL = 10;

  /** How much faster short pauses have to be, as they cost more. */
  private static final double WORTH_SHORT = 1.5;

  /** A single lap may be slow for any reason. */
  private static final int TRIALS_TO_WIN = 3;

  private final long longestNanos;
  private long nanos;
  private long cycleStart;
  private long cycleBytes;
  private boolean shortPauses;
  private boolean trial;
  private boolean settling;
  private double trialPace;
  private int trialsWon;
  private int laps;
  private long lapStart;
  private long lapBytes;
  private double lastPace;

  ReadPause(long longestNanos, long now) {
    this.longestNanos = longestNanos;
    this.cycleStart = now;
    this.lapStart = now;
    this.laps = LAPS_BETWEEN_TRIALS - FIRST_TRIAL;
  }

  /** {@return how long the last pause was; 0 while bytes come slowly} */
  long nanos() {
    return nanos;
  }

  /** Bytes have been read. */
  void received(int count) {
    cycleBytes += count;
  }

  /** Nothing came for so long that a wait ended. */
  void onQuiet(long now) {
    reset(now);
    startCycle(now);
  }

  /**
   * {@return how long to stay away after the last read; 0 for not at all} To be asked before the
   * next one, when what was there has been looked at.
   */
  long next(long now) {
    long elapsed = now - cycleStart;
    if (nanos == 0 && elapsed < FIRST_NANOS) {
      return 0;
    }
    boolean hot = cycleBytes >= elapsed / 1_000 * HOT_PACE;
    if (hot) {
      lapBytes += cycleBytes;
      endLap(now);
      nanos = Math.min(nanos == 0 ? FIRST_NANOS : 2 * nanos, limit());
    } else {
      reset(now);
    }
    startCycle(now);
    return nanos;
  }

  private long limit() {
    return shortPauses == trial ? longestNanos : longestNanos / SHORT_DIVISOR;
  }

  private void startCycle(long now) {
    cycleStart = now;
    cycleBytes = 0;
  }

  private void reset(long now) {
    nanos = 0;
    trial = false;
    settling = false;
    trialPace = 0;
    startLap(now);
  }

  private void startLap(long now) {
    lapStart = now;
    lapBytes = 0;
  }

  private void endLap(long now) {
    long elapsed = now - lapStart;
    if (elapsed < LAP_NANOS) {
      return;
    }
    if (settling) {
      settling = false;
    } else if (trial) {
      trialPace = (double) lapBytes / elapsed;
      change(false);
    } else {
      double pace = (double) lapBytes / elapsed;
      judge(Math.max(lastPace, pace));
      lastPace = pace;
      laps++;
      if (trialsWon > 0 || laps >= LAPS_BETWEEN_TRIALS) {
        change(true);
      }
    }
    startLap(now);
  }

  /** The first lap after a change does not count: it takes in, or leaves, what has gathered. */
  private void change(boolean toTrial) {
    trial = toTrial;
    settling = true;
  }

  /** Judges the trial before the last lap, if there was one. */
  private void judge(double pace) {
    if (trialPace == 0) {
      return;
    }
    boolean won = shortPauses ? trialPace * WORTH_SHORT >= pace : trialPace >= pace * WORTH_SHORT;
    trialPace = 0;
    laps = 0;
    trialsWon = won ? trialsWon + 1 : 0;
    if (trialsWon == TRIALS_TO_WIN) {
      trialsWon = 0;
      shortPauses = !shortPauses;
    }
  }
}
