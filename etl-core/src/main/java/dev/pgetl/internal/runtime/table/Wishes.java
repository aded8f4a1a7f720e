package dev.pgetl.internal.runtime.table;

import dev.pgetl.internal.runtime.table.Table.Wish;
import dev.pgetl.internal.runtime.table.TableEvent.PauseBegun;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.table.TableEvent.Retried;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Paused;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Does what was asked for a table, once nothing is in the way: under the table's lock, the store
 * first. Stateless.
 */
final class Wishes {
  private Wishes() {}

  /** See {@link Table#beginResync}. */
  static void beginResync(Table table) {
    boolean unused =
        move(table, () -> table.wish() == Wish.RESYNC ? enter(table, new Resync()) : null);
  }

  /** See {@link Table#beginPause}. */
  static boolean beginPause(Table table) {
    boolean unused = move(table, () -> isPausable(table) ? pause(table) : null);
    return !table.wish().isPause();
  }

  /**
   * One that has failed meanwhile is not paused: it gets nothing, and its failure is to be seen.
   */
  private static boolean isPausable(Table table) {
    if (table.wish() == Wish.PAUSE && table.life().needsManualRetry()) {
      table.wishIsNow(Wish.NONE);
    }
    return table.wish().isPause() && !table.isApplied();
  }

  /** See {@link Table#leavePaused}. It may have been resumed while it left. */
  static void leavePaused(Table table) {
    boolean[] resumed = new boolean[1];
    boolean unused =
        move(
            table,
            () -> {
              resumed[0] = !table.wish().isPause();
              return pause(table);
            });
    if (resumed[0]) {
      unpause(table);
    }
  }

  /** See {@link Table#restart}. */
  static void pauseBeforeCopy(Table table) {
    boolean unused =
        move(
            table,
            () -> {
              if (table.wish() == Wish.FORGET) {
                return null;
              }
              table.wishIsNow(Wish.PAUSE_BEFORE_RESYNC);
              return pause(table);
            });
  }

  /** See {@link Table#unpause}. */
  static void unpause(Table table) {
    boolean unused =
        move(
            table,
            () -> {
              Wish wish = table.wish();
              if (wish.isPause()) {
                table.wishIsNow(wish == Wish.PAUSE ? Wish.NONE : Wish.RESYNC);
                table.trouble().forget();
              }
              TableLife life = table.life();
              return life.isPaused() && wish != Wish.FORGET
                  ? enter(table, new Retried(life.resumable()))
                  : null;
            });
  }

  private static TableReplicationPhase pause(Table table) {
    Instant now = table.tables().platform().instant();
    Instant since = table.phase() instanceof Paused before ? before.since() : now;
    return enter(table, new PauseBegun(new Paused(since, continuesFrom(table))));
  }

  /** What the apply worker has delivered need not be copied. */
  private static TableReplicationPhase continuesFrom(Table table) {
    if (table.wish() == Wish.PAUSE_BEFORE_RESYNC) {
      return new Init();
    }
    return table.isApplied() ? new FinishedCopy() : table.life().resumable();
  }

  /** {@return the phase that is entered} What was asked for is done then, unless it is another. */
  private static TableReplicationPhase enter(Table table, TableEvent event) {
    table.tables().moves().enter(List.of(table), event);
    if (event instanceof Resync || (event instanceof PauseBegun && table.wish().isPause())) {
      table.wishIsNow(Wish.NONE);
    }
    table.trouble().forget();
    return event.leadsTo();
  }

  /** {@return whether a phase was entered, which is announced} */
  private static boolean move(Table table, Supplier<@Nullable TableReplicationPhase> act) {
    TableReplicationPhase entered;
    table.lock().lock();
    try {
      entered = act.get();
    } finally {
      table.lock().unlock();
    }
    if (entered != null) {
      table.tables().announce(table, entered);
    }
    return entered != null;
  }

  /** See {@link Table#prepareRun}. */
  static boolean prepareRun(Table table) {
    beginResync(table);
    if (table.isToLeave() || table.wish().isPause()) {
      return true;
    }
    TableLife now = table.life();
    if (table.wish() == Wish.FORGET || !now.mayRetry()) {
      return false;
    }
    if (!now.phase().equals(now.resumable())) {
      table.move(new Retried(now.resumable()));
    }
    return true;
  }
}
