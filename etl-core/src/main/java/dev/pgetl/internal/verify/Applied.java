package dev.pgetl.internal.verify;

import dev.pgetl.wal.Lsn;
import java.time.Duration;

/** What is known of how far the destination has applied the changes of a table. */
@FunctionalInterface
public interface Applied {
  /**
   * Waits until the destination holds everything durably that was committed before a position.
   *
   * @return whether it does, in time
   * @throws InterruptedException if the thread was interrupted, or the comparison was closed
   */
  boolean await(Lsn position, Duration limit) throws InterruptedException;
}
