package dev.pgetl.internal.estimate;

/**
 * How fast all copies have read lately, and whether they read as fast as they may. Immutable.
 *
 * @param limit how many bytes they may read in a second; 0 for no limit
 * @param since when the limit was set, in nanoseconds
 * @param before bytes a second under the limit before
 * @param last the rows that were copied last under this one
 * @param turns how many calls of the destination each worker needed for these
 */
record ReadingPace(long limit, long since, double before, Spent last, double turns) {
  /** Workers that read nearly as fast as they may are held up by nothing but the limit. */
  private static final double NEARLY = 0.8;

  /** Batches of one worker may be much larger than those of others: each needs some turns. */
  private static final int LEAST_TURNS = 12;

  private static final int MOST_TURNS = 32;

  static ReadingPace of(long limit, long since, double before) {
    return new ReadingPace(limit, since, before, Spent.NOTHING, 0);
  }

  /** {@return the same under a limit} What was read under another one says nothing about this. */
  ReadingPace under(long now, long nanos) {
    return now == limit ? this : of(now, nanos, isKnown() ? bytesPerSecond() : before);
  }

  ReadingPace plus(Spent more, int workers) {
    double turn = 1.0 / workers;
    return turns < MOST_TURNS
        ? new ReadingPace(limit, since, before, last.plus(more), turns + turn)
        : new ReadingPace(limit, since, before, last.half().plus(more), turns / 2 + turn);
  }

  private boolean isKnown() {
    return turns >= LEAST_TURNS;
  }

  private double bytesPerSecond() {
    return last.share() == 0 ? 0 : last.bytes() / last.share();
  }

  /** {@return whether nothing but the limit holds copies up} */
  boolean isLimited() {
    return limit > 0 && (isKnown() ? bytesPerSecond() : before) > NEARLY * limit;
  }

  /** {@return whether it is known that the limit does not hold them up} */
  boolean isFree() {
    return limit == 0 || (isKnown() && !isLimited());
  }
}
