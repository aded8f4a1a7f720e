package dev.pgetl.internal.runtime.order;

import java.time.Duration;

/** A pipeline at work, as its operator sees it. Thread-safe. */
public interface Operated {
  /**
   * Does what is asked for one table while the others stream.
   *
   * @throws IllegalArgumentException if the pipeline has no such table
   * @throws IllegalStateException if the table is not in the state for it
   */
  void order(TableOrder order) throws InterruptedException;

  /** Calls the destination no more, of any table; returns at once. */
  void pause();

  /** {@return whether the pipeline is paused, and no call was in progress in time} */
  boolean awaitPaused(Duration limit) throws InterruptedException;

  /** Calls the destination again. */
  void resume();
}
