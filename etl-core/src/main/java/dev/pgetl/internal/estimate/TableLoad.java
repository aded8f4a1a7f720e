package dev.pgetl.internal.estimate;

import org.jspecify.annotations.Nullable;

/**
 * What is known of the copy of one table.
 *
 * @param stage how far it is
 * @param together whether it shares a sync worker with other tables
 * @param filtered whether only a part of its rows is copied
 * @param size how much a copy has to read; negative if that is not known
 * @param planned how many rows there are, as the planner's statistics say; negative if not known
 * @param spread how its rows lie, by a sample; null if there is none
 * @param rows how many rows were copied, by earlier processes too
 * @param bytes their bytes as the server sent them
 * @param own what this process has copied
 */
public record TableLoad(
    Stage stage,
    boolean together,
    boolean filtered,
    long size,
    long planned,
    @Nullable RowSpread spread,
    long rows,
    long bytes,
    Spent own) {
  /** How far a copy is. */
  public enum Stage {
    WAITING,
    RUNNING,
    DONE
  }

  boolean isDone() {
    return stage == Stage.DONE;
  }

  boolean isWaiting() {
    return stage == Stage.WAITING;
  }
}
