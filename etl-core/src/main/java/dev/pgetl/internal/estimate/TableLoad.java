package dev.pgetl.internal.estimate;

/**
 * What is known of the copy of one table.
 *
 * @param stage how far it is
 * @param together whether it shares a sync worker with other tables
 * @param extent what there is to read
 * @param rows how many rows were copied, by earlier processes too
 * @param bytes their bytes as the server sent them
 * @param own what this process has copied
 */
public record TableLoad(
    Stage stage, boolean together, TableExtent extent, long rows, long bytes, Spent own) {
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
