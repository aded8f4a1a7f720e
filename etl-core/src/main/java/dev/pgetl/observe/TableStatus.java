package dev.pgetl.observe;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import java.util.Objects;

/**
 * Where a table stands.
 *
 * @param id the table
 * @param name its name as last known
 * @param phase its phase, {@code SyncWait} and {@code Catchup} included
 * @param copiedRows rows of the current or last copy that the destination took; 0 after a restart
 * @param copiedBytes their bytes as Postgres sent them
 * @param estimatedRows how many rows the copy will have, as the planner's statistics say; -1 if not
 *     known
 */
public record TableStatus(
    TableId id,
    TableName name,
    TableReplicationPhase phase,
    long copiedRows,
    long copiedBytes,
    long estimatedRows) {
  /**
   * Checks that all is there.
   *
   * @param id the table
   * @param name its name
   * @param phase its phase
   * @param copiedRows rows copied
   * @param copiedBytes their bytes
   * @param estimatedRows how many there will be
   */
  public TableStatus {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(phase, "phase");
  }

  /** {@return whether the apply worker owns the table} */
  public boolean isReady() {
    return phase instanceof TableReplicationPhase.Ready;
  }
}
