package dev.pgetl.internal.runtime.stream;

import dev.pgetl.schema.TableId;
import java.util.HashMap;
import java.util.Map;

/**
 * Which tables a session compares with the catalogue again, because the catalogue was ahead of the
 * stream. Owned by the reader's thread.
 */
final class Rechecks {
  /** No transaction. */
  static final long NEVER = -1;

  /**
   * How often a table was compared again.
   *
   * @param due the transaction from which on it is again; {@link #NEVER} if none is
   */
  private record Recheck(long count, long due) {
    boolean isDue(long xid) {
      return due != NEVER && (int) (xid - due) >= 0;
    }
  }

  private final Map<TableId, Recheck> known = new HashMap<>();

  /** {@return how often a table was compared again, with now if it is due; it only grows} */
  long count(TableId table, long xid) {
    Recheck last = known.get(table);
    if (last == null) {
      return 0;
    }
    if (last.isDue(xid)) {
      last = new Recheck(last.count() + 1, NEVER);
      known.put(table, last);
    }
    return last.count();
  }

  /** A table is compared again from a transaction on, or not again. */
  void from(TableId table, long due) {
    Recheck last = known.get(table);
    if (last != null || due != NEVER) {
      known.put(table, new Recheck(last == null ? 0 : last.count(), due));
    }
  }
}
