package dev.pgetl.internal.runtime.exit;

import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableExit;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a table leaves the apply worker: agreed while that reads the timeline of the table's slot,
 * and awaited. Used once, on the table sync worker's thread.
 */
final class ExitPoint {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Tables tables;
  private final Table table;
  private final ApplyProgress apply;
  private final BooleanSupplier stopped;

  ExitPoint(Tables tables, Table table, ApplyProgress apply, BooleanSupplier stopped) {
    this.tables = tables;
    this.table = table;
    this.apply = apply;
    this.stopped = stopped;
  }

  /**
   * {@return the first position whose changes the apply worker does not deliver; zero if the table
   * was not the apply worker's, null if it was stopped before}
   *
   * @param lineage of the slot that holds what is committed from there on
   */
  @Nullable Lsn agree(SlotLineage lineage) throws InterruptedException {
    AtomicReference<Lsn> exit = new AtomicReference<>(Lsn.ZERO);
    boolean agreed =
        apply.agree(lineage.timeline(), () -> leaves(exit, lineage.slotCreatedAt()), stopped);
    return !agreed && stopped.getAsBoolean() ? null : Objects.requireNonNull(exit.get());
  }

  /** Both positions that decide are of the timeline that the apply worker reads. */
  private boolean leaves(AtomicReference<Lsn> exit, Lsn least) {
    Lsn until = TableExit.leave(table, tables, least);
    exit.set(until);
    return !until.equals(Lsn.ZERO);
  }

  /** {@return whether everything before the position became durable; false if it was stopped} */
  boolean awaitPassed(SlotLineage lineage, Lsn until) throws InterruptedException {
    while (!stopped.getAsBoolean()) {
      if (apply.awaitPassed(new WalEnd(lineage.timeline(), until), TICK_NANOS)) {
        return true;
      }
    }
    return false;
  }
}
