package dev.pgetl.internal.runtime.table;

import dev.pgetl.internal.runtime.table.Gate.Leaving;
import dev.pgetl.wal.Lsn;

/** How a table leaves the apply worker at a position that both sides know. Stateless. */
public final class TableExit {
  private TableExit() {}

  /**
   * Has a table leave the apply worker, which acknowledges nothing behind that position until a
   * phase of the table is stored.
   *
   * <p>The gate is undecided first, and the apply worker waits if it meets a change of the table
   * then: a transaction whose changes it delivered before that lies before the position.
   *
   * @param least the apply worker delivers what is committed before it in any case: it may be far
   *     behind the slot that was made for what comes then
   * @return the first position whose changes the apply worker does not deliver; zero if the table
   *     was not the apply worker's
   */
  public static Lsn leave(Table table, Tables tables, Lsn least) {
    Lsn begun = tables.lastBegun();
    boolean deciding = table.update(now -> now.leaving(begun.plus(1))).isDeciding();
    if (!deciding) {
      return Lsn.ZERO;
    }
    tables.limitBy(table);
    Lsn next = Lsn.max(least, tables.lastBegun().plus(1));
    TableState left = table.update(now -> now.leavingAt(next));
    tables.changed().raise();
    return left.gate() instanceof Leaving leaving ? leaving.until() : Lsn.ZERO;
  }
}
