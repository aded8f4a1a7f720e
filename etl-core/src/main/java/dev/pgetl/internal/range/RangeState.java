package dev.pgetl.internal.range;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.wal.Lsn;

/**
 * One range of a copy.
 *
 * @param keys which rows
 * @param stage how far it is
 * @param position the first position of the stream that its rows do not contain; zero if it is not
 *     finished
 * @param rows how many rows it has; 0 if it is not finished
 * @param bytes how many bytes they took on the wire
 */
public record RangeState(KeyRange keys, Stage stage, Lsn position, long rows, long bytes) {
  /** How far the copy of a range is. */
  public enum Stage {
    /** The destination holds no row of it. */
    WAITING,
    /** The destination may hold some of its rows. */
    BEGUN,
    /** All of its rows are durable. */
    FINISHED
  }

  public RangeState {
    if ((stage == Stage.FINISHED) == position.equals(Lsn.ZERO) || rows < 0 || bytes < 0) {
      throw new IllegalArgumentException(
          "a range has a position once it is finished, and no negative size");
    }
  }

  static RangeState waiting(KeyRange keys) {
    return new RangeState(keys, Stage.WAITING, Lsn.ZERO, 0, 0);
  }

  static RangeState begun(KeyRange keys) {
    return new RangeState(keys, Stage.BEGUN, Lsn.ZERO, 0, 0);
  }

  /** {@return whether all of its rows are durable} */
  public boolean isFinished() {
    return stage == Stage.FINISHED;
  }
}
