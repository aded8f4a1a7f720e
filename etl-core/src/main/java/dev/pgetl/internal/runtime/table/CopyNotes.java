package dev.pgetl.internal.runtime.table;

import dev.pgetl.internal.estimate.RowSpread;
import dev.pgetl.internal.estimate.Spent;
import dev.pgetl.internal.estimate.TableExtent;
import dev.pgetl.internal.estimate.TableLoad;
import dev.pgetl.internal.estimate.TableLoad.Stage;
import dev.pgetl.observe.TableStatus;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How large a table is, and how much of it has been copied. Thread-safe: readers see what was
 * written last.
 */
public final class CopyNotes {
  private static final long NOT_KNOWN = -1;

  /**
   * What has been copied.
   *
   * @param estimatedRows how many rows the copy will have
   * @param counts whether the copy is one of those that are estimated together
   */
  private record Count(long rows, long bytes, long estimatedRows, Spent own, boolean counts) {
    static final Count NOTHING = new Count(0, 0, NOT_KNOWN, Spent.NOTHING, false);

    Count uncounted() {
      return new Count(rows, bytes, estimatedRows, own, false);
    }
  }

  private final AtomicReference<TableExtent> extent =
      new AtomicReference<>(TableExtent.NOTHING_KNOWN);
  private final AtomicReference<Count> count = new AtomicReference<>(Count.NOTHING);

  TableStatus.Builder addTo(TableStatus.Builder status) {
    Count now = count();
    return status.copiedRows(now.rows).copiedBytes(now.bytes).estimatedRows(now.estimatedRows);
  }

  private TableExtent extent() {
    return Objects.requireNonNull(extent.get());
  }

  private Count count() {
    return Objects.requireNonNull(count.get());
  }

  private void count(UnaryOperator<Count> change) {
    Count unused = count.updateAndGet(change);
  }

  /** {@return how many bytes a copy has to read; negative if that is not known} */
  public long bytesOnDisk() {
    return extent().bytes();
  }

  /**
   * The size of the table was read.
   *
   * @param planned how many rows it has, as the planner's statistics say
   */
  public void sized(long bytes, long planned) {
    TableExtent unused =
        extent.updateAndGet(
            before -> new TableExtent(bytes, planned, before.spread(), before.filtered()));
  }

  /** A copy begins that will have about so many rows. */
  void begins(long estimatedRows) {
    sampled(null, false);
    count.set(new Count(0, 0, estimatedRows, Spent.NOTHING, true));
  }

  /**
   * A copy that begins has a sample.
   *
   * @param spread how its rows lie; null if there is no sample
   * @param filtered whether only some rows of the table are copied
   */
  public void sampled(@Nullable RowSpread spread, boolean filtered) {
    TableExtent unused =
        extent.updateAndGet(
            before -> new TableExtent(before.bytes(), before.planned(), spread, filtered));
  }

  /** An earlier process has copied some rows, which are kept if the copy can be continued. */
  public void kept(long rows, long bytes) {
    count(now -> new Count(rows, bytes, now.estimatedRows, now.own, now.counts));
  }

  /** The destination has taken some more rows. */
  void copied(int rows, long bytes) {
    count(
        now ->
            new Count(now.rows + rows, now.bytes + bytes, now.estimatedRows, now.own, now.counts));
  }

  /** Some rows have cost something. */
  public void spent(Spent more) {
    count(now -> new Count(now.rows, now.bytes, now.estimatedRows, now.own.plus(more), now.counts));
  }

  /** A copy that is complete does not count any longer: others begin. */
  public void leaveOut() {
    count(Count::uncounted);
  }

  /** {@return whether a copy that is complete is one of those that are estimated together} */
  public boolean counts() {
    return count().counts;
  }

  /**
   * {@return what is known of the copy}
   *
   * @param stage how far it is
   * @param together whether it shares a sync worker with others
   */
  public TableLoad load(Stage stage, boolean together) {
    Count now = count();
    return new TableLoad(stage, together, extent(), now.rows, now.bytes, now.own);
  }
}
