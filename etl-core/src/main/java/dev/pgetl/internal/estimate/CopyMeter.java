package dev.pgetl.internal.estimate;

import dev.pgetl.internal.estimate.CopyCosts.Moment;

/** Measures what the rows of one worker cost. Owned by the worker's thread. */
public final class CopyMeter {
  private final CopyCosts costs;
  private Moment since;

  CopyMeter(CopyCosts costs) {
    this.costs = costs;
    this.since = costs.now();
  }

  /** The worker begins to copy. */
  public void begin() {
    since = costs.begin();
  }

  /**
   * The worker has copied some more rows. They cost the time since those before, or since it began:
   * rows are read while others are written.
   *
   * @param rows how many, at least one
   * @param bytes their bytes as the server sent them
   * @param limit how many bytes all copies may read in a second; 0 for no limit
   * @return what they have cost; nothing if that is because of the limit
   */
  public Spent copied(long rows, long bytes, long limit) {
    Moment before = since;
    since = costs.now();
    return costs.copied(before.until(since, rows, bytes), before.nanos(), limit);
  }

  /** The worker has copied its rows. */
  public void end() {
    costs.end();
  }
}
