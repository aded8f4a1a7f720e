package dev.pgetl.internal.capture.catalog;

import dev.pgetl.wal.Lsn;

/**
 * A logical replication slot of this database, as {@code pg_replication_slots} shows it.
 *
 * @param name the slot's name
 * @param active whether a WAL sender holds it
 * @param activePid the process that holds it; 0 if none
 * @param confirmedFlush changes committed before it are not sent any more; {@link Lsn#ZERO} if the
 *     slot is still being made
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; empty if
 *     the server says nothing
 * @param invalidationReason why the slot cannot be used any more; empty if it can, or before
 *     Postgres 17
 */
public record SlotState(
    String name,
    boolean active,
    int activePid,
    Lsn confirmedFlush,
    String walStatus,
    String invalidationReason) {

  /**
   * {@return whether the slot is still being made} It stands nowhere yet, and vanishes if the
   * process that makes it gives up.
   */
  public boolean unfinished() {
    return confirmedFlush.equals(Lsn.ZERO);
  }

  /** {@return whether the server has thrown away log this slot still needs} */
  public boolean lost() {
    return walStatus.equals("lost") || !invalidationReason.isEmpty();
  }
}
