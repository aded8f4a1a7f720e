package dev.pgetl.store;

import dev.pgetl.schema.TableId;
import java.util.Optional;

/**
 * Remembers which ranges of a table its copy has begun and finished, so that a copy that was
 * interrupted continues. Optional: with a store that keeps the default methods every interrupted
 * copy starts over.
 *
 * <p>Rules for implementers; {@code CopyStoreContract} of the test kit has a test of the same
 * number for each:
 *
 * <ol>
 *   <li><b>R1</b> Look-ups answer from memory: fast, without I/O.
 *   <li><b>R2</b> A write is durable when it returns, and visible to every thread afterwards:
 *       persistent first, then memory.
 *   <li><b>R3</b> The text of a table is replaced as a whole, and comes back as it was: any
 *       characters, any length.
 *   <li><b>R4</b> A failed write changes neither memory nor the persistent layer, or is found
 *       complete in both after {@link #loadCopyRanges}.
 *   <li><b>R5</b> {@link #loadCopyRanges} replaces what is in memory by what is persistent.
 *   <li><b>R6</b> {@link #deleteCopyRanges} is idempotent, and {@link
 *       CleanupStore#cleanupTableState} removes the ranges of its table, too. Others stay.
 * </ol>
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 *
 * <p><b>Failures.</b> Throw {@link dev.pgetl.error.EtlException} with a {@code STORE_…} kind.
 */
public interface CopyStore {
  /**
   * {@return what was stored of the copy of a table; empty if nothing was}
   *
   * @param id the table
   */
  default Optional<String> getCopyRanges(TableId id) {
    return Optional.empty();
  }

  /**
   * Reads what was stored of all tables from the persistent layer into memory.
   *
   * @return of how many tables it was read
   */
  default int loadCopyRanges() {
    return 0;
  }

  /**
   * Keeps what is known of the copy of a table. Called twice for each range of a copy, and once
   * more when a copy continues.
   *
   * @param id the table
   * @param ranges the core's own text
   */
  default void storeCopyRanges(TableId id, String ranges) {}

  /**
   * Removes what is known of the copy of a table; does nothing if there is nothing.
   *
   * @param id the table
   */
  default void deleteCopyRanges(TableId id) {}
}
