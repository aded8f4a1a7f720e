package dev.pgetl.store;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers the versions of every table's schema.
 *
 * <p>Rules for implementers; {@code SchemaStoreContract} of the test kit has a test of the same
 * number for each:
 *
 * <ol>
 *   <li><b>C1</b> Look-ups answer from memory: fast, without I/O.
 *   <li><b>C2</b> A version is identified by table and {@link TableSchema#snapshotLsn()}; storing
 *       one again replaces it. It is kept as a whole, {@link TableSchema#scope} and {@link
 *       TableSchema#difference} too.
 *   <li><b>C3</b> The newest version is the one with the greatest position, whatever the order of
 *       storing.
 *   <li><b>C4</b> {@link #storeTableSchema} is durable when it returns, and visible to every thread
 *       afterwards.
 *   <li><b>C5</b> A failed write changes neither memory nor the persistent layer, or is found
 *       complete in both after {@link #loadTableSchemas}.
 *   <li><b>C6</b> {@link #loadTableSchemas} replaces what is in memory by what is persistent.
 *   <li><b>C7</b> Pruning never removes a version that a position at or behind the given one can
 *       still need.
 * </ol>
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 *
 * <p><b>Failures.</b> Throw {@link dev.pgetl.error.EtlException} with a {@code STORE_…} kind; the
 * caller treats it as any failure of that kind: a table sync worker puts its table into {@code
 * Errored}, the apply worker retries.
 */
public interface SchemaStore {
  /**
   * {@return the newest version of a table}
   *
   * @param id the table
   */
  Optional<TableSchema> getTableSchema(TableId id);

  /**
   * {@return the version that holds at a position: the newest with {@link
   * TableSchema#snapshotLsn()} at or before it}
   *
   * @param id the table
   * @param at the position
   */
  Optional<TableSchema> getTableSchema(TableId id, Lsn at);

  /** {@return the newest version of every table, in no particular order; unmodifiable} */
  List<TableSchema> getTableSchemas();

  /**
   * Reads all versions from the persistent layer into memory.
   *
   * @return how many versions were read
   */
  int loadTableSchemas();

  /**
   * Keeps a version: persistent first, then in memory.
   *
   * @param schema the version
   */
  void storeTableSchema(TableSchema schema);

  /**
   * Removes versions that no replay can need. For each table named, it keeps the newest version at
   * or before the position and all later ones. Other tables do not change.
   *
   * @param retention the earliest position still needed, per table
   * @return how many versions were removed
   */
  int pruneTableSchemas(Map<TableId, Lsn> retention);
}
