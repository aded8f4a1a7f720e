package dev.pgetl.store;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The phase of a table: {@code Init → DataSync → FinishedCopy → (SyncWait → Catchup) → SyncDone →
 * Ready}, and {@code Errored} or {@code Paused} from anywhere. {@link SyncWait} and {@link Catchup}
 * live in memory only; a store never sees them.
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

  /**
   * All rows are durable in the destination; the table's own slot keeps later changes. The last
   * phase in a pipeline that only copies.
   */
  record FinishedCopy() implements TableReplicationPhase {}

  /**
   * The table sync worker has asked the apply worker for a position to meet at.
   *
   * @param lsn the position of the table sync worker
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
   * The table sync worker has to reach the position that the apply worker named.
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
   * The destination holds every change committed before the position; the apply worker delivers
   * later ones.
   *
   * @param lsn the position
   */
  record SyncDone(Lsn lsn) implements TableReplicationPhase {
    public SyncDone {
      Objects.requireNonNull(lsn, "lsn");
    }
  }

  /** The apply worker owns the table. */
  record Ready() implements TableReplicationPhase {}

  /**
   * An operator has paused the table; the others continue. The destination gets nothing of it. A
   * slot of its own keeps the changes that it misses, unless it is to be copied.
   *
   * @param since when it was paused
   * @param from from which phase it continues: {@code Init}, {@code DataSync} or {@code
   *     FinishedCopy}
   */
  record Paused(Instant since, TableReplicationPhase from) implements TableReplicationPhase {
    public Paused {
      Objects.requireNonNull(since, "since");
      if (!(from instanceof Init || from instanceof DataSync || from instanceof FinishedCopy)) {
        throw new IllegalArgumentException("no table continues from " + from.name());
      }
    }
  }

  /**
   * The table failed; the others continue.
   *
   * @param reason what happened; no secret, no cell value
   * @param solution what to do; may be empty
   * @param retryDirective what the pipeline does next
   * @param attempt how many times in a row the table failed, from 1
   * @param kind what kind of failure; null if the state was stored before kinds were
   */
  record Errored(
      String reason,
      String solution,
      RetryDirective retryDirective,
      int attempt,
      @Nullable ErrorKind kind)
      implements TableReplicationPhase {
    public Errored {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(solution, "solution");
      Objects.requireNonNull(retryDirective, "retryDirective");
      if (attempt < 1) {
        throw new IllegalArgumentException("attempt counts from 1: " + attempt);
      }
    }

    /** A failure whose kind is not known. */
    public Errored(String reason, String solution, RetryDirective retryDirective, int attempt) {
      this(reason, solution, retryDirective, attempt, null);
    }
  }
}
