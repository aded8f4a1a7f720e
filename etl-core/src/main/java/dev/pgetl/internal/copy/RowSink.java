package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;

/**
 * Takes the rows of one connection, one after the other, on the thread of its {@link CopyWorker}.
 */
@FunctionalInterface
public interface RowSink {
  /**
   * Takes a row; may block to slow the copy down.
   *
   * @param row the row; may be kept
   * @param wireBytes how many bytes it took on the wire
   * @throws InterruptedException if the copy shall end
   */
  void accept(TableRow row, int wireBytes) throws InterruptedException;
}
