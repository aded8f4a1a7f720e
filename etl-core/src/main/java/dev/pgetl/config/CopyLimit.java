package dev.pgetl.config;

/**
 * How fast a pipeline reads existing rows, so that copies do not hurt the source. It limits all
 * copies of a pipeline together, in bytes as Postgres sends them, on average: up to {@code
 * maxBufferedBytes} may be read ahead of the destination. Streams are not limited.
 *
 * <p>Thread-safe. A change counts at once, also for copies that are at work.
 */
public final class CopyLimit {
  private volatile long bytesPerSecond;

  private CopyLimit(long bytesPerSecond) {
    bytesPerSecond(bytesPerSecond);
  }

  /**
   * {@return a limit}
   *
   * @param value not negative; 0 for none, until one is set
   */
  public static CopyLimit ofBytesPerSecond(long value) {
    return new CopyLimit(value);
  }

  /** {@return the limit; 0 for none} */
  public long bytesPerSecond() {
    return bytesPerSecond;
  }

  /**
   * Changes the limit.
   *
   * @param value not negative; 0 for none
   */
  public void bytesPerSecond(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("bytesPerSecond must not be negative, is " + value);
    }
    bytesPerSecond = value;
  }

  @Override
  public String toString() {
    long now = bytesPerSecond;
    return now == 0 ? "none" : now + " bytes/s";
  }
}
