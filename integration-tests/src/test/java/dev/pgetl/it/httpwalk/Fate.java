package dev.pgetl.it.httpwalk;

import java.util.random.RandomGenerator;

/** What happens to a request that has arrived. */
enum Fate {
  /** It is answered as it should be. */
  ANSWERED(60),
  /** It is done, and a gateway says 5xx. */
  DONE_AND_ERROR(6),
  DONE_AND_CUT(6),
  DONE_AND_HALF_AN_ANSWER(5),
  /** It is answered with a status for later. */
  ERROR(6),
  CUT(5),
  /** Its body is not read. */
  CUT_BEFORE_THE_END(3),
  /** It is done later; 409 until then. */
  SLOW(3),
  /** It reaches the receiver later, behind its successors. */
  OVERTAKEN(3);

  private final int weight;

  Fate(int weight) {
    this.weight = weight;
  }

  static Fate choose(RandomGenerator random) {
    int at = random.nextInt(100);
    for (Fate fate : values()) {
      at -= fate.weight;
      if (at < 0) {
        return fate;
      }
    }
    return ANSWERED;
  }
}
