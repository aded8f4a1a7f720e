package dev.pgetl.internal.range;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.range.RangeState.Stage;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The ranges of one copy, of one column, in the order of its values; together they are the whole
 * table. Immutable.
 *
 * @param origin what the copy began with
 * @param ranges the ranges; the first has no lower end, the last no upper one
 */
public record CopyRanges(CopyOrigin origin, List<RangeState> ranges) {
  public CopyRanges {
    ranges = List.copyOf(ranges);
    if (!coverAll(ranges)) {
      throw new IllegalArgumentException("ranges of a copy have to be the whole table");
    }
  }

  /** {@return the ranges of a copy that begins} */
  public static CopyRanges planned(CopyOrigin origin, List<KeyRange> ranges) {
    return new CopyRanges(origin, ranges.stream().map(RangeState::waiting).toList());
  }

  /**
   * {@return what is to be done to copy one range of a table again} The snapshot of the range must
   * not be older than the position of the others: a destination may skip events that are older than
   * the last one it has received of the table.
   *
   * @param origin of the copy
   * @param again which rows
   * @param others the first position of the stream that the destination does not hold of the others
   */
  public static CopyRanges again(CopyOrigin origin, KeyRange again, Lsn others) {
    List<RangeState> ranges = new ArrayList<>();
    String from = again.from();
    String to = again.to();
    if (from != null) {
      KeyRange below = new KeyRange(again.column(), null, from);
      ranges.add(new RangeState(below, Stage.FINISHED, others, 0, 0));
    }
    ranges.add(RangeState.begun(again));
    if (to != null) {
      KeyRange above = new KeyRange(again.column(), to, null);
      ranges.add(new RangeState(above, Stage.FINISHED, others, 0, 0));
    }
    return new CopyRanges(origin, ranges);
  }

  private static boolean coverAll(List<RangeState> ranges) {
    String end = null;
    for (int i = 0; i < ranges.size(); i++) {
      KeyRange keys = ranges.get(i).keys();
      boolean first = i == 0;
      boolean follows = first == (keys.from() == null) && Objects.equals(keys.from(), end);
      if (!follows || !keys.column().equals(ranges.get(0).keys().column())) {
        return false;
      }
      end = keys.to();
    }
    return !ranges.isEmpty() && end == null;
  }

  /** {@return the same after the first row of a range is about to be handed over} */
  public CopyRanges begun(int index) {
    return with(index, RangeState.begun(ranges.get(index).keys()));
  }

  /**
   * {@return the same after all rows of a range are durable}
   *
   * @param position the first position of the stream that the rows do not contain
   */
  public CopyRanges finished(int index, Lsn position, long rows, long bytes) {
    KeyRange keys = ranges.get(index).keys();
    return with(index, new RangeState(keys, Stage.FINISHED, position, rows, bytes));
  }

  private CopyRanges with(int index, RangeState state) {
    List<RangeState> next = new ArrayList<>(ranges);
    next.set(index, state);
    return new CopyRanges(origin, next);
  }

  /** {@return the column whose values the ranges are of} */
  public String column() {
    return ranges.get(0).keys().column();
  }

  /** {@return which keys each range has} */
  public List<KeyRange> keys() {
    return ranges.stream().map(RangeState::keys).toList();
  }

  /** {@return which ranges the destination may hold a part of} */
  public List<KeyRange> begun() {
    return ranges.stream()
        .filter(range -> range.stage() == Stage.BEGUN)
        .map(RangeState::keys)
        .toList();
  }

  /** {@return whether any range has been begun, so that there is something to continue} */
  public boolean isBegun() {
    return ranges.stream().anyMatch(range -> range.stage() != Stage.WAITING);
  }

  /** {@return the first position from which on the stream needs no comparison with any range} */
  public Lsn newest() {
    return ranges.stream().map(RangeState::position).reduce(Lsn.ZERO, Lsn::max);
  }

  /** {@return how many rows the finished ranges have} */
  public long rows() {
    return ranges.stream().mapToLong(RangeState::rows).sum();
  }

  /** {@return how many bytes they took on the wire} */
  public long bytes() {
    return ranges.stream().mapToLong(RangeState::bytes).sum();
  }

  /** {@return how many ranges are finished} */
  public long finishedCount() {
    return ranges.stream().filter(RangeState::isFinished).count();
  }
}
