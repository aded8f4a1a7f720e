package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.TableSchema;

/**
 * What happens to the rows of one version of a table; made by a {@link TableTransform}.
 *
 * <p><b>Threads.</b> Several threads call at once.
 */
public interface RowTransform {

  /** {@return the version as the destination sees it} */
  TableSchema table();

  /**
   * {@return a row as the destination sees it} It has the columns of {@link #table()}; otherwise
   * the table fails.
   *
   * @param row a row of the transform's version. A column absent from it must be absent from the
   *     result
   */
  TableRow apply(TableRow row);

  /**
   * {@return whether a column passes as it is: its name, its type, and its value in every row}
   * False by default. If the first column of the primary key does not, a copy that was interrupted
   * starts over; if a column does not that is added with a constant default, the table is reported
   * as differing. Nor must another column depend on one that passes: rows from before the column
   * are not transformed again.
   *
   * @param column a name that the transform's version has, or has not
   */
  default boolean leavesUnchanged(String column) {
    return false;
  }
}
