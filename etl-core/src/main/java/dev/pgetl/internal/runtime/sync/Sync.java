package dev.pgetl.internal.runtime.sync;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Unexpected;
import dev.pgetl.internal.runtime.table.Table;
import org.jspecify.annotations.Nullable;

/** What a sync worker does, for one table or for several. {@link #run} is for its own thread. */
interface Sync {
  /**
   * Takes the tables as far as it goes.
   *
   * @throws dev.pgetl.error.EtlException if it cannot continue
   */
  void run() throws InterruptedException;

  /**
   * {@return why it could not continue; null if it had not to}
   *
   * @param doing what it does, for the message of a failure
   */
  @SuppressWarnings("IllegalCatch") // an error concerns the tables whose worker met it
  default @Nullable EtlException attempt(String doing) throws InterruptedException {
    try {
      run();
      return null;
    } catch (InterruptedException e) {
      if (isStopped()) {
        throw e;
      }
      return new EtlException(ErrorKind.INTERNAL, doing + " was interrupted by an extension", e);
    } catch (RuntimeException | Error e) {
      return Unexpected.failure(doing, e);
    }
  }

  /**
   * Ends it from another thread: closes its connections, so that it returns once the destination
   * does. The apply worker does not wait for it any longer, unless the two have agreed.
   */
  void stop();

  /** {@return whether a call of the destination that has failed was retried in place} */
  default boolean retriesCalls() {
    return true;
  }

  /** A table comes back only by a resync: what the server keeps for it is of no use. */
  void abandon(Table table);

  /** Gives up waiting for the destination. */
  void giveUp();

  /** {@return whether it was asked to end} */
  boolean isStopped();
}
