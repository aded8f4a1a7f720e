package dev.pgetl.store;

import dev.pgetl.error.RetryDirective;
import dev.pgetl.wal.Lsn;
import java.util.Objects;

/**
 * Where a table stands: {@code Init → DataSync → FinishedCopy → (SyncWait → Catchup) → SyncDone →
 * Ready}, and {@code Errored} from anywhere. {@link SyncWait} and {@link Catchup} live in memory
 * only; a store never sees them.
 */
public sealed interface TableReplicationPhase {

  /** {@return whether a store keeps this phase} */
  default boolean isStored() {
    return true;
  }

  /** {@return the phase's name, for logs and status} */
  default String name() {
    return getClass().getSimpleName();
  }

  /** Known, nothing done yet. */
  record Init() implements TableReplicationPhase {}

  /**
   * The copy has begun: the destination may hold some of its rows. After a crash it starts over.
   */
  record DataSync() implements TableReplicationPhase {}

  /** All rows are durable in the destination; the table's own slot remembers what came since. */
  record FinishedCopy() implements TableReplicationPhase {}

  /**
   * The table's own stream runs and has asked the main stream for a place to meet.
   *
   * @param lsn how far the table's own stream is
   */
  record SyncWait(Lsn lsn) implements TableReplicationPhase {
    public SyncWait {
      Objects.requireNonNull(lsn, "lsn");
    }

    @Override
    public boolean isStored() {
      return false;
    }
  }

  /**
   * The table's own stream has to reach the position the main stream named.
   *
   * @param lsn the position
   */
  record Catchup(Lsn lsn) implements TableReplicationPhase {
    public Catchup {
      Objects.requireNonNull(lsn, "lsn");
    }

    @Override
    public boolean isStored() {
      return false;
    }
  }

  /**
   * The destination holds every change committed before the position; from there on they come with
   * the main stream.
   *
   * @param lsn the position
   */
  record SyncDone(Lsn lsn) implements TableReplicationPhase {
    public SyncDone {
      Objects.requireNonNull(lsn, "lsn");
    }
  }

  /** The main stream carries the table. */
  record Ready() implements TableReplicationPhase {}

  /**
   * The table stands still; the others go on.
   *
   * @param reason what happened; no secret, no cell value
   * @param solution what to do; may be empty
   * @param retryDirective what the pipeline does next
   * @param attempt how many times in a row the table failed, from 1
   */
  record Errored(String reason, String solution, RetryDirective retryDirective, int attempt)
      implements TableReplicationPhase {
    public Errored {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(solution, "solution");
      Objects.requireNonNull(retryDirective, "retryDirective");
      if (attempt < 1) {
        throw new IllegalArgumentException("attempt counts from 1: " + attempt);
      }
    }
  }
}
