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
   * {@return a row as the destination sees it}
   *
   * @param row a row of the transform's version. A column absent from it must be absent from the
   *     result
   */
  TableRow apply(TableRow row);
}
