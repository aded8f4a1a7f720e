package dev.pgetl.internal.copy;

import dev.pgetl.error.EtlException;

/** One connection's share of a table's rows. Runs once, on a thread of the caller. */
public interface CopyWorker {
  /**
   * Reads rows until none is left for it.
   *
   * @param sink takes them
   * @throws InterruptedException if the sink was interrupted
   * @throws EtlException if a row could not be read; what the sink throws passes through
   */
  void run(RowSink sink) throws InterruptedException;
}
