package dev.pgetl.internal.runtime.table;

import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.runtime.table.Gate.Open;
import dev.pgetl.internal.runtime.table.TableEvent.Failed;
import dev.pgetl.schema.TableId;
import java.util.function.Predicate;

/** What becomes of a table that the destination refuses after it had taken it over. Stateless. */
public final class Refusals {
  private Refusals() {}

  /**
   * Stores that the destination refused a change, if the apply worker still owns the table, or a
   * copied row.
   *
   * @param generation what {@link Table#refuse} returned
   * @return false to try again in a moment: the store does not know yet that the apply worker does
   */
  public static boolean store(Table table, long generation, EtlException failure) {
    if (table.state().generation() != generation) {
      return true;
    }
    boolean stored =
        fail(table, now -> now.refused() && now.life().isApplied(), failure)
            || storeBlame(table, failure);
    return stored || !(table.state().refused() && table.state().gate() instanceof Open);
  }

  /**
   * Stores that a flush failed, for good, because of what the destination had accepted of another
   * table.
   *
   * @param table whose copy the flush is part of
   * @return whether another table fails for it; false if none is named whose copy is at work
   */
  public static boolean storeOfAnother(Table table, EtlException failure) {
    if (failure.tableOid().isEmpty() || failure.retry() == RetryDirective.TIMED) {
      return false;
    }
    Table other = table.tables().find(new TableId(failure.tableOid().getAsLong()));
    return other != null && other != table && storeBlame(other, failure);
  }

  /**
   * A table is not copied before the apply worker has passed what it holds of it. So what the
   * destination found bad while the copy is at work is a part of the copy that it took over before.
   *
   * @throws EtlException if that could not be stored; the copy continues, and may be blamed again
   */
  private static boolean storeBlame(Table table, EtlException failure) {
    SyncRun run = table.syncRun();
    if (run == null || !isBlamable(table.state())) {
      return false;
    }
    boolean failed = fail(table, Refusals::isBlamable, failure);
    if (failed) {
      run.stop(); // afterwards: if the failure cannot be stored, the copy is not left without
      // worker
    }
    return failed;
  }

  private static boolean isBlamable(TableState now) {
    return now.life().isSyncing() && !(now.gate() instanceof Open);
  }

  private static boolean fail(Table table, Predicate<TableState> still, EtlException failure) {
    int attempt = table.trouble().attempt(failure.kind(), table.life().failures());
    boolean failed = table.moveIf(still, Failed.of(failure, attempt, false));
    if (failed) {
      table.trouble().failed(failure, attempt, null);
    }
    return failed;
  }
}
