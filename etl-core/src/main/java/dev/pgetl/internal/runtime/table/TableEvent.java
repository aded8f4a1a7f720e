package dev.pgetl.internal.runtime.table;

import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
import dev.pgetl.wal.Lsn;
import java.time.Instant;

/** What happened to a table, and the phase it leads to; {@link TableLife} says when it may. */
public sealed interface TableEvent {
  /** {@return the phase the table is in afterwards} */
  TableReplicationPhase leadsTo();

  /** {@return whether what was copied does not count any more} */
  default boolean forgetsCopy() {
    return false;
  }

  /** The table begins from the start: it is new, or was asked for again, or its slot was lost. */
  record Resync() implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return new Init();
    }

    @Override
    public boolean forgetsCopy() {
      return true;
    }
  }

  /** The sync worker begins to copy: the destination gets all rows of the table. */
  record CopyStarted() implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return new DataSync();
    }
  }

  /**
   * A range of the table is copied again: the destination holds everything else up to where the
   * table has left the apply worker.
   */
  record RangeLeft() implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return new DataSync();
    }
  }

  /** All rows are durable in the destination. */
  record CopyFinished() implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return new FinishedCopy();
    }
  }

  /** The sync worker's stream has reached a position near the apply worker. */
  record CaughtUp(Lsn at) implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return new SyncWait(at);
    }
  }

  /** The sync worker knows up to where it must deliver. */
  record FenceSet(Lsn fence) implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return new Catchup(fence);
    }
  }

  /** The apply worker waited long enough and continued without the table. */
  record FenceLost() implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return new FinishedCopy();
    }
  }

  /** The sync worker has delivered everything before a position; the rest is the apply worker's. */
  record HandedOver(Lsn end) implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return new SyncDone(end);
    }
  }

  /** The apply worker's durable position has reached the end of the sync worker's stream. */
  record ApplyReached() implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return new Ready();
    }
  }

  /** The table cannot continue for now, or until it is resynced. */
  record Failed(Errored as) implements TableEvent {
    private static final String RESYNC = "Fix the cause, then resync the table.";

    /** What to do if the pipeline only copied. */
    public static final String ANOTHER_RUN =
        "Fix the cause, then start another run, which copies all tables.";

    /**
     * {@return what becomes of a table, whoever found the failure}
     *
     * @param attempt how many times in a row it failed, from 1
     * @param retried whether it is retried by time; if not, it comes back only by a resync
     */
    public static Failed of(EtlException failure, int attempt, boolean retried) {
      boolean never = failure.retry() == RetryDirective.NONE;
      RetryDirective manual = never ? RetryDirective.NONE : RetryDirective.MANUAL;
      return new Failed(
          new Errored(
              failure.summary(),
              failure.fix().isEmpty() && !retried ? RESYNC : failure.fix(),
              retried ? RetryDirective.TIMED : manual,
              attempt,
              failure.kind()));
    }

    @Override
    public TableReplicationPhase leadsTo() {
      return as;
    }
  }

  /** An operator has paused the table, and nothing of it is on its way any more. */
  record PauseBegun(Paused as) implements TableEvent {
    /** {@return the pause of a table that is copied once it is resumed, whatever it was before} */
    public static PauseBegun beforeCopy(Instant since) {
      return new PauseBegun(new Paused(since, new Init()));
    }

    @Override
    public TableReplicationPhase leadsTo() {
      return as;
    }

    @Override
    public boolean forgetsCopy() {
      return as.from() instanceof Init;
    }
  }

  /** The sync worker continues from the last stored phase that it can continue from. */
  record Retried(TableReplicationPhase from) implements TableEvent {
    @Override
    public TableReplicationPhase leadsTo() {
      return from;
    }
  }
}
