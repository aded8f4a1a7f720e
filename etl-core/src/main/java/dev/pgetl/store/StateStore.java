package dev.pgetl.store;

import dev.pgetl.schema.TableId;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers the phase of each table, its name in the destination, and the position of each slot.
 *
 * <p>Rules for implementers; {@code StateStoreContract} of the test kit has a test of the same
 * number for each:
 *
 * <ol>
 *   <li><b>S1</b> Look-ups answer from memory: fast, without I/O; maps returned are unmodifiable
 *       snapshots.
 *   <li><b>S2</b> A write is durable when it returns, and visible to every thread afterwards:
 *       persistent first, then memory.
 *   <li><b>S3</b> Progress of a slot never moves backward within a lineage: a smaller position is
 *       ignored. Another lineage replaces it.
 *   <li><b>S4</b> A failed write changes neither memory nor the persistent layer, or is found
 *       complete in both after the next load.
 *   <li><b>S5</b> Each {@code load…} replaces what is in memory by what is persistent.
 *   <li><b>S6</b> The phases a table had are kept, so that {@link #rollbackTableReplicationState}
 *       can return to the one before.
 *   <li><b>S7</b> A phase with {@link TableReplicationPhase#isStored()} false is refused with
 *       {@link IllegalArgumentException}.
 *   <li><b>S8</b> Storing the phase a table already has adds no step to its history.
 *   <li><b>S9</b> {@link #proveOwnership} fails once the persistent layer is another process's or
 *       gone, and changes nothing.
 *   <li><b>S10</b> {@link #updateTableReplicationStates} moves each table as {@link
 *       #updateTableReplicationState} does. If it fails, each table has moved completely or not at
 *       all.
 *   <li><b>S11</b> A store whose {@link #keepsPauses} is true keeps {@link
 *       TableReplicationPhase.Paused} as any other phase, with both parts.
 * </ol>
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 *
 * <p><b>Failures.</b> Throw {@link dev.pgetl.error.EtlException} with a {@code STORE_…} kind.
 */
public interface StateStore {
  /**
   * {@return the phase of a table; empty if it is not known}
   *
   * @param id the table
   */
  Optional<TableReplicationPhase> getTableReplicationState(TableId id);

  /** {@return the phase of every known table} */
  Map<TableId, TableReplicationPhase> getTableReplicationStates();

  /**
   * Reads all phases from the persistent layer into memory.
   *
   * @return how many tables were read
   */
  int loadTableReplicationStates();

  /**
   * Moves a table to a phase.
   *
   * @param id the table
   * @param phase the phase, one that is stored
   */
  void updateTableReplicationState(TableId id, TableReplicationPhase phase);

  /**
   * Moves several tables (rule S10). Called with up to a thousand new tables, or tables that are
   * copied together, so that they do not cost a sync each. By default one is moved after the other.
   *
   * @param phases the new phase of each table, one that is stored; unmodifiable, may be kept
   */
  default void updateTableReplicationStates(Map<TableId, TableReplicationPhase> phases) {
    phases.forEach(this::updateTableReplicationState);
  }

  /**
   * {@return whether the store keeps {@link TableReplicationPhase.Paused} (rule S11)} It is never
   * asked to if not: then no table can be paused. The answer never changes. A store that passes
   * calls on to another one passes this one on, too.
   */
  default boolean keepsPauses() {
    return false;
  }

  /**
   * Returns a table to its phase before the current one, which is removed.
   *
   * @param id the table
   * @return the phase it has now
   * @throws dev.pgetl.error.EtlException of kind {@code CONFIGURATION} if there is none before
   */
  TableReplicationPhase rollbackTableReplicationState(TableId id);

  /**
   * {@return a table's name in the destination, if one was stored}
   *
   * @param source the table
   */
  Optional<String> getTableMapping(TableId source);

  /** {@return all mappings} */
  Map<TableId, String> getTableMappings();

  /**
   * Reads all mappings from the persistent layer into memory.
   *
   * @return how many were read
   */
  int loadTableMappings();

  /**
   * Stores a table's name in the destination.
   *
   * @param source the table
   * @param destinationTable its name there
   */
  void storeTableMapping(TableId source, String destinationTable);

  /**
   * {@return the position of a slot}
   *
   * @param slotName the replication slot
   */
  Optional<ReplicationProgress> getReplicationProgress(String slotName);

  /**
   * Moves a slot's position forward (rule S3). Called once per acknowledged batch: it should not
   * cost more than one sync.
   *
   * @param progress the slot, its lineage and the position
   */
  void storeReplicationProgress(ReplicationProgress progress);

  /**
   * Reads the progress of all slots from the persistent layer into memory.
   *
   * @return how many slots were read
   */
  int loadReplicationProgress();

  /**
   * Removes the progress of a dropped slot; does nothing if there is none.
   *
   * @param slotName the replication slot
   */
  void deleteReplicationProgress(String slotName);

  /**
   * Proves that the persistent layer is still this process's alone. The pipeline asks every few
   * seconds, on a thread of its own, so that it learns of a loss although it stores nothing for a
   * while. A failure ends the pipeline unless its retry is {@code TIMED}. By default a store proves
   * nothing: then the next write tells.
   *
   * @throws dev.pgetl.error.EtlException of kind {@code STORE_LOCKED} if another process has taken
   *     it; of kind {@code STORE_UNAVAILABLE} if it is gone or cannot be asked
   */
  default void proveOwnership() {}
}
