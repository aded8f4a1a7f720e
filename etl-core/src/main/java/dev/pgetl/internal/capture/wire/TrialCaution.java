package dev.pgetl.internal.capture.wire;

/**
 * How readily another length of pauses is tried, and how much has to speak for it. Not thread-safe;
 * times are in nanoseconds.
 */
final class TrialCaution {
  /** The sum of gains, as logarithms, that decides for a shorter pause. */
  private static final double ENOUGH = 0.25;

  /** What chance may give a trial, and what a longer pause is worth by itself. */
  private static final double CHANCE = 0.06;

  private static final double FARTHEST = 2;
  private static final double NEAREST = 1.19;
  private static final long SHORTEST_REST_NANOS = 50_000_000;
  private static final long LONGEST_REST_NANOS = 1_600_000_000;

  private double proof;
  private double stretch = FARTHEST;
  private boolean longerNext;
  private long rest = SHORTEST_REST_NANOS;

  /** How much longer nothing is tried, counted while there are pauses. */
  private long restLeft = SHORTEST_REST_NANOS;

  /** Pauses were made for so long. */
  void passed(long nanos) {
    restLeft -= nanos;
  }

  /** {@return whether it is too early for a trial} */
  boolean isResting() {
    return restLeft > 0;
  }

  /** {@return whether a longer pause is to be tried before a shorter one} */
  boolean isLongerNext() {
    return longerNext;
  }

  /** {@return by which factor the next trial differs} */
  double stretch() {
    return stretch;
  }

  /**
   * {@return whether the trial has won}
   *
   * @param gain the logarithm of its pace as a multiple of the usual one
   * @param longer whether it was one of a longer pause
   */
  boolean decide(double gain, boolean longer) {
    proof = longer ? gain + CHANCE : Math.max(0, proof) + gain - CHANCE;
    if (proof >= (longer ? 0 : ENOUGH)) {
      proof = 0;
      stretch = Math.min(FARTHEST, stretch * stretch);
      rest = 0;
      restLeft = 0;
      longerNext = longer;
      return true;
    }
    if (longer || proof <= 0) {
      rest = Math.min(LONGEST_REST_NANOS, Math.max(SHORTEST_REST_NANOS, 2 * rest));
      stretch = Math.max(NEAREST, Math.sqrt(stretch));
      longerNext = !longer;
    } else {
      rest = SHORTEST_REST_NANOS;
    }
    restLeft = rest;
    return false;
  }

  /** The rows are others: what was tried before says nothing. */
  void forget() {
    proof = 0;
    stretch = FARTHEST;
    longerNext = true;
    rest = 0;
    restLeft = 0;
  }
}
