package dev.pgetl.internal.runtime.table;

/** A sync worker at work on a table, alone or with others. Thread-safe. */
public interface SyncRun {
  /** Asks it to end. */
  void stop();

  /** Gives up waiting for the destination. */
  void giveUp();

  /** {@return whether it ended; if not, the destination hangs in a call it made} */
  boolean cancel() throws InterruptedException;

  /** {@return whether it ended in time} */
  boolean await(long nanos) throws InterruptedException;
}
