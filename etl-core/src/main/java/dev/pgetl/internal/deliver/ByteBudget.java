package dev.pgetl.internal.deliver;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of rows and events the pipeline holds. Each stream and each copying connection
 * takes from it through a {@link Share}: what was read already is always granted, and the answer
 * says whether to continue. So the limit is passed by at most {@link #SMALL} and one message per
 * batch, a single message larger than the budget passes alone, and no stream starves, or is left
 * with batches of single rows, while others hold what they cannot deliver.
 *
 * <p>Thread-safe.
 */
public final class ByteBudget {
  /** What a batch may hold even when there is no room. */
  static final long SMALL = 64 << 10;

  private static final long CHUNK = 64 << 10;

  private final long limit;
  private final AtomicLong used = new AtomicLong();

  /**
   * Creates a budget.
   *
   * @param limit bytes at which reading stops
   */
  public ByteBudget(long limit) {
    this.limit = limit;
  }

  /** {@return bytes at which reading stops} */
  long limit() {
    return limit;
  }

  /** {@return bytes held, rounded up to what shares keep in advance} */
  public long used() {
    return used.get();
  }

  /**
   * Gives bytes back that were taken through any share.
   *
   * @param bytes how many
   */
  public void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }

  /** {@return a new share that holds nothing} */
  public Share open() {
    return new Share();
  }

  /** One holder's part; belongs to one thread at a time. */
  public final class Share {
    private long inAdvance;

    private Share() {}

    /**
     * Takes bytes.
     *
     * @param bytes how many
     * @return whether there is room for more
     */
    public boolean take(long bytes) {
      inAdvance -= bytes;
      if (inAdvance < 0) {
        used.addAndGet(CHUNK - inAdvance);
        inAdvance = CHUNK;
      }
      return used.get() <= limit;
    }

    /** Gives back what was reserved in advance; the share takes no more. */
    public void close() {
      used.addAndGet(-inAdvance);
      inAdvance = 0;
    }
  }
}
