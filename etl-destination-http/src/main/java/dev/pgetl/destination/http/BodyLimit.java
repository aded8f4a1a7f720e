package dev.pgetl.destination.http;

/**
 * The size of bodies that the receiver takes. It shrinks with each body that is too large, and is
 * raised on trial once enough bodies were taken; each trial that fails doubles the number for the
 * next. Thread-safe.
 */
final class BodyLimit {
  private static final int SMALLEST = 1 << 10;
  private static final int FIRST_PATIENCE = 16;
  private static final int MOST_PATIENCE = 1 << 10;

  private final Object lock = new Object();
  private final int most;
  private int bytes;
  private int taken;
  private int patience = FIRST_PATIENCE;
  private boolean onTrial;

  BodyLimit(int most) {
    this.most = most;
    this.bytes = most;
  }

  /** {@return the limit that follows from a body being too large} */
  static int below(int limit, long length) {
    return (int) Math.max(SMALLEST, Math.min(limit, length / 2));
  }

  int bytes() {
    synchronized (lock) {
      return bytes;
    }
  }

  /** Notes a body that was too large. */
  void refused(long length) {
    synchronized (lock) {
      bytes = below(bytes, length);
      taken = 0;
      if (onTrial) {
        patience = Math.min(MOST_PATIENCE, 2 * patience);
      }
      onTrial = false;
    }
  }

  /** Notes a body that was taken. */
  void taken() {
    synchronized (lock) {
      taken++;
      if (bytes < most && taken >= patience) {
        bytes = (int) Math.min(most, 2L * bytes);
        taken = 0;
        patience = onTrial ? FIRST_PATIENCE : patience;
        onTrial = true;
      }
    }
  }
}
