package dev.pgetl.quarantine;

import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline at work, as replays need it: it gives them their turn between calls of its
 * destination. The pipeline implements it.
 */
public interface ReplayTurns {
  /** What is done in a turn. */
  @FunctionalInterface
  interface Replay {
    /**
     * Replays events of a table. No call about the table is in progress.
     *
     * @param version the table's version that the destination knows
     * @param passed everything that was committed before this position has been delivered
     * @param still fails once the table is not {@code Ready} any more; asked before each call
     * @return the outcome; null if it must be asked again after the next call of the stream
     */
    @Nullable ReplayResult replay(TableSchema version, Lsn passed, Runnable still);
  }

  /**
   * Waits for a turn and uses it.
   *
   * @param table a table that is {@code Ready}, by its present name
   * @param limit how long to wait
   * @param replay what is done
   * @return its outcome
   * @throws IllegalArgumentException if the pipeline has no such table
   * @throws IllegalStateException if the table is not {@code Ready}, there was no turn in time, or
   *     another replay is in progress
   */
  ReplayResult replay(TableName table, Duration limit, Replay replay) throws InterruptedException;
}
