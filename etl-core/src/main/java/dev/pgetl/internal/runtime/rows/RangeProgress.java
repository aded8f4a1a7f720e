package dev.pgetl.internal.runtime.rows;

import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.range.CopyRangesText;
import dev.pgetl.internal.range.RangeState.Stage;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.CopyStore;
import dev.pgetl.wal.Lsn;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Keeps in the store how far the ranges of one copy are: a range is begun before the destination
 * gets its first row, and finished after all of its rows are durable. Owned by the sync worker's
 * thread.
 */
public final class RangeProgress {
  private final CopyStore store;
  private final TableId table;
  private final Lsn position;
  private final Map<Integer, Count> counts = new HashMap<>();
  private final Set<Integer> written = new HashSet<>();
  private final boolean first;
  private CopyRanges ranges;

  /** How much of a range was handed over. */
  private record Count(long rows, long bytes) {
    static final Count NONE = new Count(0, 0);

    Count plus(Count more) {
      return new Count(rows + more.rows, bytes + more.bytes);
    }
  }

  /**
   * Continues with ranges that are in the store.
   *
   * @param position that of the snapshot under which ranges are read from now on
   */
  public RangeProgress(CopyStore store, TableId table, CopyRanges ranges, Lsn position) {
    this.store = store;
    this.table = table;
    this.ranges = ranges;
    this.position = position;
    this.first =
        ranges.rows() == 0 && ranges.begun().isEmpty() && !ranges.origin().isOfRangeAgain();
  }

  /** {@return whether the destination has no row of the copy yet} */
  boolean isFirst() {
    return first;
  }

  /** Rows of a range are about to be handed over. */
  void begin(int range) {
    if (ranges.ranges().get(range).stage() == Stage.WAITING) {
      store(ranges.begun(range));
    }
  }

  /**
   * Rows of a range were handed over.
   *
   * @param last whether they were the last ones
   */
  void written(int range, long rows, long bytes, boolean last) {
    Count unused = counts.merge(range, new Count(rows, bytes), Count::plus);
    if (last) {
      written.add(range);
    }
  }

  /** {@return whether a range waits until its rows are durable} */
  boolean waits() {
    return !written.isEmpty();
  }

  /** All rows that were handed over are durable. */
  void durable() {
    CopyRanges next = ranges;
    for (int range : written) {
      Count count = counts.getOrDefault(range, Count.NONE);
      next = next.finished(range, position, count.rows(), count.bytes());
    }
    written.clear();
    store(next);
  }

  private void store(CopyRanges next) {
    store.storeCopyRanges(table, CopyRangesText.of(next));
    ranges = next;
  }
}
