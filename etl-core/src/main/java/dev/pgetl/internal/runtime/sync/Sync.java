package dev.pgetl.internal.runtime.sync;

import dev.pgetl.internal.runtime.table.Table;

/** What a sync worker does, for one table or for several. {@link #run} is for its own thread. */
interface Sync {
  /**
   * Takes the tables as far as it goes.
   *
   * @throws dev.pgetl.error.EtlException if it cannot continue
   */
  void run() throws InterruptedException;

  /**
   * Ends it from another thread: closes its connections, so that it returns once the destination
   * does. The apply worker does not wait for it any longer, unless the two have agreed.
   */
  void stop();

  /** A table comes back only by a resync: what the server keeps for it is of no use. */
  void abandon(Table table);

  /** Gives up waiting for the destination. */
  void giveUp();

  /** {@return whether it was asked to end} */
  boolean isStopped();
}
