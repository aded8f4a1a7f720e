package dev.pgetl.internal.verify;

import dev.pgetl.verify.VerifiedTable;
import dev.pgetl.wal.Lsn;

/**
 * A table of the source, and what the source knows of the pipeline. Owned by one thread; {@link
 * #close} may be called by others.
 */
public interface SourceTable extends VerifiedTable {
  /** {@return a position behind everything that an answer so far has shown} */
  Lsn position();

  /** {@return whether the table is being copied, or catches up after that} */
  boolean isCopied();

  /** {@return a number above that of all transactions so far} */
  long nextTransaction();

  /** {@return the number of the oldest transaction that has not ended} */
  long oldestTransaction();
}
