package dev.pgetl.internal.runtime.sync;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Table.Wish;
import java.util.Collection;
import java.util.List;

/** Has the workers of tables pause and continue. Thread-safe. */
public final class TablePauses {
  private final SyncWorkers syncs;
  private final ApplyProgress apply;

  /**
   * Creates the pauses of some tables.
   *
   * @param syncs their workers
   * @param apply the position of the apply worker
   */
  public TablePauses(SyncWorkers syncs, ApplyProgress apply) {
    this.syncs = syncs;
    this.apply = apply;
  }

  /**
   * Ends the worker of a table, so that nothing of it reaches the destination; one that the apply
   * worker owns, or still holds changes of, waits for that on a worker. If its worker hangs in the
   * destination, or the store is away, the pause begins afterwards.
   */
  public void pause(Table table) throws InterruptedException {
    Wish before = table.wish();
    boolean resyncs = before == Wish.RESYNC || before == Wish.PAUSE_BEFORE_RESYNC;
    table.wish(resyncs ? Wish.PAUSE_BEFORE_RESYNC : Wish.PAUSE);
    if (table.isApplied() || !syncs.cancel(table) || !TableSync.hasPassed(table, apply, 0)) {
      syncs.schedule(table);
      return;
    }
    try {
      if (!table.beginPause()) {
        syncs.schedule(table); // the apply worker took it over just then
      }
    } catch (EtlException e) {
      syncs.retryOnceStored(table, e);
    }
  }

  /**
   * Has a table continue where it was paused, or its pause not begin.
   *
   * @throws EtlException if that cannot be stored: it stays paused
   */
  public void resume(Table table) {
    table.unpause();
    syncs.schedule(table);
  }

  /** Copies tables again, those that are paused once they are resumed. */
  public void resync(Collection<Table> again) throws InterruptedException {
    List<Table> paused = again.stream().filter(table -> table.life().isPaused()).toList();
    for (Table table : paused) {
      table.wish(Wish.PAUSE_BEFORE_RESYNC);
    }
    syncs.schedule(paused);
    syncs.resync(again.stream().filter(table -> !paused.contains(table)).toList());
  }
}
