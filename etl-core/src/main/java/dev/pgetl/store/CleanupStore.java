package dev.pgetl.store;

import dev.pgetl.schema.TableId;

/**
 * Removes the state of tables.
 *
 * <p>Rules for implementers; {@code CleanupStoreContract} of the test kit has a test of the same
 * number for each:
 *
 * <ol>
 *   <li><b>K1</b> Everything about the table is removed: phases with their history, all schema
 *       versions, the mapping, the ranges of its copy.
 *   <li><b>K2</b> Nothing else is removed: other tables and the progress of slots stay.
 *   <li><b>K3</b> It is idempotent; an unknown table is not an error.
 *   <li><b>K4</b> It is durable when it returns. It never touches the destination.
 * </ol>
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public interface CleanupStore {
  /**
   * Removes everything about a table.
   *
   * @param id the table
   */
  void cleanupTableState(TableId id);
}
