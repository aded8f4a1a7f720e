package dev.pgetl.destination;

/**
 * The time for which this process owns a pipeline. A process that was paused or cut off may have
 * been replaced meanwhile: {@link #require} compares a clock with the end of its lease.
 *
 * <p><b>Threads.</b> Safe for concurrent use. No method does I/O or waits for a lock.
 */
public interface Epoch {
  /** {@return its number, greater than that of all owners before, in this process and in others} */
  long number();

  /**
   * Fails if another process owns the pipeline, or may do so now. What was to follow must not
   * begin, and the call of the destination ends with what this throws (rule D19).
   *
   * @throws dev.pgetl.error.EtlException of kind {@code STORE_LOCKED} if another process owns it;
   *     of kind {@code STORE_UNAVAILABLE} if the lease has to be renewed first: the pipeline waits
   *     for that, and repeats the call
   */
  void require();

  /**
   * {@return an epoch that does not end, for tests}
   *
   * @param number its number
   */
  static Epoch endless(long number) {
    return new Epoch() {
      @Override
      public long number() {
        return number;
      }

      @Override
      public void require() {}
    };
  }
}
