package dev.pgetl.internal.runtime.table;

import static java.util.Map.entry;

import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.runtime.table.TableEvent.ApplyReached;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.table.TableEvent.Failed;
import dev.pgetl.internal.runtime.table.TableEvent.FenceLost;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.table.TableEvent.PauseBegun;
import dev.pgetl.internal.runtime.table.TableEvent.RangeLeft;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.table.TableEvent.Retried;
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
import java.util.Map;
import java.util.Set;

/**
 * Where a table is in its life, and which moves are legal from there. Immutable; {@link #next} is
 * the whole rule, and docs/architecture.md has it as a table.
 *
 * @param phase where the table is
 * @param resumable from which phase a retry continues
 * @param failures how many times in a row it has failed
 */
public record TableLife(
    TableReplicationPhase phase, TableReplicationPhase resumable, int failures) {
  /** What may happen to a table in a phase. */
  static final Map<Class<? extends TableReplicationPhase>, Set<Class<? extends TableEvent>>> LEGAL =
      Map.ofEntries(
          entry(
              Init.class, Set.of(CopyStarted.class, Failed.class, PauseBegun.class, Resync.class)),
          entry(
              DataSync.class,
              Set.of(
                  CopyStarted.class,
                  CopyFinished.class,
                  CaughtUp.class,
                  Failed.class,
                  PauseBegun.class,
                  Resync.class)),
          entry(
              FinishedCopy.class,
              Set.of(CaughtUp.class, Failed.class, PauseBegun.class, Resync.class)),
          entry(
              SyncWait.class,
              Set.of(
                  CaughtUp.class,
                  FenceSet.class,
                  FenceLost.class,
                  Failed.class,
                  Retried.class,
                  PauseBegun.class,
                  Resync.class)),
          entry(
              Catchup.class,
              Set.of(
                  HandedOver.class,
                  FenceLost.class,
                  Failed.class,
                  Retried.class,
                  PauseBegun.class,
                  Resync.class)),
          entry(
              SyncDone.class,
              Set.of(
                  ApplyReached.class,
                  RangeLeft.class,
                  Failed.class,
                  PauseBegun.class,
                  Resync.class)),
          entry(Ready.class, Set.of(RangeLeft.class, Failed.class, PauseBegun.class, Resync.class)),
          entry(Paused.class, Set.of(Retried.class, PauseBegun.class, Resync.class)),
          entry(Errored.class, Set.of(Retried.class, PauseBegun.class, Resync.class)));

  /** A table that the store knows, or that begins. */
  static TableLife in(TableReplicationPhase phase) {
    return new TableLife(phase, new Init(), 0).entered(phase);
  }

  /** {@return the same table in a phase in which the store knows it to be now} */
  TableLife interrupted(TableReplicationPhase now) {
    return entered(now);
  }

  /**
   * {@return the phase after something has happened}
   *
   * @param phase where the table is
   * @param event what happened
   * @throws IllegalStateException if that cannot happen in this phase
   */
  static TableReplicationPhase next(TableReplicationPhase phase, TableEvent event) {
    TableReplicationPhase next = event.leadsTo();
    if (!LEGAL.getOrDefault(phase.getClass(), Set.of()).contains(event.getClass())) {
      throw new IllegalStateException(
          "a table cannot go from "
              + phase.name()
              + " to "
              + next.name()
              + " ("
              + event.getClass().getSimpleName()
              + ")");
    }
    return next;
  }

  /** {@return the life after something has happened} */
  TableLife after(TableEvent event) {
    TableLife entered = entered(next(phase, event));
    return event instanceof Resync ? new TableLife(entered.phase, entered.resumable, 0) : entered;
  }

  private TableLife entered(TableReplicationPhase next) {
    if (next instanceof Errored errored) {
      return new TableLife(next, resumable, errored.attempt());
    }
    if (next instanceof Paused paused) {
      return new TableLife(next, paused.from(), failures);
    }
    if (isApplied(next)) {
      return new TableLife(next, new Init(), 0);
    }
    return new TableLife(next, next.isStored() ? next : resumable, failures);
  }

  /** {@return whether the apply worker owns a table in this phase} */
  public static boolean isApplied(TableReplicationPhase phase) {
    return phase instanceof SyncDone || phase instanceof Ready;
  }

  /** {@return whether the apply worker owns the table} */
  boolean isApplied() {
    return isApplied(phase);
  }

  /** {@return whether only changes are missing at the destination, but for a table that failed} */
  public boolean isCopied() {
    return isApplied() || (resumable instanceof FinishedCopy && !needsManualRetry());
  }

  /** {@return whether the table comes back only by a resync, and so needs no slot} */
  public boolean needsManualRetry() {
    return phase instanceof Errored errored && errored.retryDirective() != RetryDirective.TIMED;
  }

  /**
   * {@return whether a slot of its own may hold what the table still needs}
   *
   * @param continued whether its copy can be continued
   */
  boolean needsSlot(boolean continued) {
    TableReplicationPhase at = isPaused() ? resumable : phase;
    return at instanceof FinishedCopy
        || (at instanceof DataSync && continued)
        || (phase instanceof Errored && !needsManualRetry());
  }

  /** {@return whether a sync worker copies the table or catches up} */
  boolean isSyncing() {
    return !isApplied() && !isPaused() && !(phase instanceof Init) && !(phase instanceof Errored);
  }

  /** {@return whether an operator has paused the table} */
  public boolean isPaused() {
    return phase instanceof Paused;
  }

  /** {@return whether it may have a slot of its own} */
  public boolean mayHaveSlot() {
    return mayRetry() || isPaused();
  }

  /** {@return whether a sync worker may continue} */
  public boolean mayRetry() {
    return !isApplied() && !isPaused() && !needsManualRetry();
  }
}
