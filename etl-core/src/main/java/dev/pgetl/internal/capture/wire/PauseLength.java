package dev.pgetl.internal.capture.wire;

/**
 * The length of the pauses between two reads.
 *
 * <p>A pause is right when {@link #WANTED_BYTES} have gathered: several times the small window, so
 * that it was closed most of the time, and less than the buffers of an ordinary connection hold.
 * Large rows come faster than small ones, so their pauses are shorter. The length follows every two
 * cycles, by a factor of two at most.
 *
 * <p>Where the buffers between here and the server hold less (a proxy, a tunnel), the server waits
 * for the reader: every pause finds the same, one of half the length too, and the pace doubles. So
 * where pauses keep finding the same, a shorter one is tried, and is the limit from then on if it
 * is faster; then others, shorter and longer ones, are tried from time to time. The pace of a
 * server varies a lot by itself. A trial that is faster by a third decides at once; one that is a
 * little faster has to be so several times. After one that has failed, the next comes later and
 * goes less far.
 *
 * <p>Not thread-safe. Times are in nanoseconds.
 */
final class PauseLength {
  /** Several times what the small window holds, and less than the reader has room for. */
  static final int WANTED_BYTES = 400 << 10;

  /** A gathered size counts as the wanted one up to this factor. */
  private static final double TOLERANCE = 1.2;

  /** Buffers that fill up always hold as much, up to this share; a server is never so even. */
  private static final double EVEN = 0.1;

  /** A thread that sleeps for less than this wakes late. */
  private static final long SHORTEST_NANOS = 250_000;

  /** What is compared lasts for so many cycles at least, because one may be slow for any reason. */
  private static final int CYCLES_PER_STEP = 3;

  private static final long STEP_NANOS = 20_000_000;

  /** A change is seen after a round trip, and lasts for some. */
  private static final int ROUND_TRIPS_PER_STEP = 4;

  /**
   * Over a distance, the buffers are full of what is on its way, and the server waits for every
   * pause.
   */
  private static final long DISTANT_NANOS = 5_000_000;

  private static final int PAUSES_PER_DISTANT_ROUND_TRIP = 10;

  private static final long LONGEST_ROUND_TRIP_NANOS = 1_000_000_000;

  /** A pace that differs by this factor is that of other rows. */
  private static final double OTHER_ROWS = 1.6;

  private final long longest;
  private final long stepNanos;
  private final Step step = new Step();
  private final TrialCaution caution = new TrialCaution();
  private long nanos;

  /** The longest pause that has not lost against a shorter one. */
  private long ceiling;

  /** What is used beside a trial; negative while there is none. */
  private long usual = -1;

  /** What comes of the usual length; 0 while it is not known. */
  private double usualPace;

  PauseLength(long longestNanos, long roundTripNanos) {
    long roundTrip = Math.min(roundTripNanos, LONGEST_ROUND_TRIP_NANOS);
    this.longest =
        roundTrip < DISTANT_NANOS
            ? longestNanos
            : Math.min(longestNanos, roundTrip / PAUSES_PER_DISTANT_ROUND_TRIP);
    this.stepNanos = Math.max(STEP_NANOS, ROUND_TRIPS_PER_STEP * roundTrip);
    this.ceiling = longest;
  }

  /** {@return the length; 0 for no pause} */
  long nanos() {
    return nanos;
  }

  /** No pause until there is a reason again. */
  void rest() {
    settle(0);
  }

  /**
   * Takes the last cycle into account, and sets the length of the next pause.
   *
   * @param elapsed how long the cycle was
   * @param bytes how much came in it
   */
  void adapt(long elapsed, long bytes) {
    step.add(elapsed, bytes);
    caution.passed(elapsed);
    if (usual >= 0) {
      if (isComplete()) {
        judge();
      }
      return;
    }
    boolean little = step.gathered() * TOLERANCE < WANTED_BYTES;
    if (nanos == 0 && ceiling > 0) {
      settle(Math.min(ceiling, 2 * SHORTEST_NANOS));
    } else if (step.cycles > 1 && little && nanos < ceiling) {
      settle(Math.min(ceiling, (long) (nanos * Math.min(2, WANTED_BYTES / step.gathered()))));
    } else if (step.cycles > 1 && nanos > SHORTEST_NANOS && step.least > WANTED_BYTES * TOLERANCE) {
      settle(Math.max(SHORTEST_NANOS, (long) (nanos * Math.max(0.5, WANTED_BYTES / step.least))));
    } else if (isComplete()) {
      look(little);
    }
  }

  private void settle(long length) {
    nanos = length;
    usual = -1;
    usualPace = 0;
    step.clear();
  }

  private boolean isComplete() {
    return step.cycles >= CYCLES_PER_STEP && step.nanos >= stepNanos;
  }

  /** Learns what comes of the usual length, and begins a trial if it is time. */
  private void look(boolean little) {
    double pace = step.pace();
    boolean foundTheSame = step.isEven() && Math.abs(pace - usualPace) < usualPace * EVEN;
    step.clear();
    if (usualPace == 0) {
      usualPace = pace;
    } else if (pace > usualPace * OTHER_ROWS || pace * OTHER_ROWS < usualPace) {
      usualPace = pace;
      caution.forget();
    } else {
      usualPace = (usualPace + pace) / 2;
    }
    if (caution.isResting()) {
      return;
    }
    double stretch = caution.stretch();
    if (little && ceiling < longest && (caution.isLongerNext() || nanos == 0)) {
      attempt(Math.min(longest, Math.max(SHORTEST_NANOS, (long) (nanos * stretch))));
    } else if (foundTheSame || ceiling < longest) {
      attempt(nanos < SHORTEST_NANOS * stretch ? 0 : (long) (nanos / stretch));
    }
  }

  private void attempt(long length) {
    if (length != nanos) {
      usual = nanos;
      nanos = length;
    }
  }

  private void judge() {
    double pace = step.pace();
    if (caution.decide(Math.log(pace / usualPace), nanos > usual)) {
      ceiling = nanos;
      usualPace = pace;
    } else {
      nanos = usual;
    }
    usual = -1;
    step.clear();
  }

  /** What came in some cycles of the same length. */
  private static final class Step {
    private int cycles;
    private long nanos;
    private double bytes;
    private double capped;
    private double least;
    private double most;

    /** One cycle that brought very much must not hide that the others brought little. */
    void add(long elapsed, long count) {
      double came = count;
      least = cycles == 0 ? came : Math.min(least, came);
      most = Math.max(most, came);
      cycles++;
      nanos += elapsed;
      bytes += came;
      capped += Math.min(came, 2.0 * WANTED_BYTES);
    }

    double gathered() {
      return capped / cycles;
    }

    double pace() {
      return bytes / nanos;
    }

    boolean isEven() {
      return most - least < most * EVEN;
    }

    void clear() {
      cycles = 0;
      nanos = 0;
      bytes = 0;
      capped = 0;
      least = 0;
      most = 0;
    }
  }
}
