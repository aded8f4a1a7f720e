package dev.pgetl.internal.row;

/** How much memory a row takes, about. */
public final class RowMemory {
  private static final int ROW = 80;
  private static final int COLUMN = 8;

  private RowMemory() {}

  /**
   * {@return bytes}
   *
   * @param wireBytes its bytes as Postgres sent them
   * @param columns how many columns it has
   */
  public static int of(int wireBytes, int columns) {
    return wireBytes + ROW + columns * COLUMN;
  }
}
