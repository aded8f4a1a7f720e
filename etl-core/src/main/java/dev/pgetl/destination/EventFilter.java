package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;

/**
 * Which rows and events of a table a destination sees. It is asked before a {@link TableTransform}
 * changes them.
 *
 * <p>An update is one event, kept or dropped as a whole, although its row may match a condition
 * only before or only after it. For conditions on values, prefer a row filter of the publication:
 * Postgres turns such an update into an insert or a delete.
 *
 * <p><b>Threads.</b> Several threads call at once.
 *
 * <p><b>Failures.</b> An exception of a filter fails its table, and no other. It must not quote a
 * value.
 */
@FunctionalInterface
public interface EventFilter {

  /**
   * {@return whether the destination sees an event of the table}
   *
   * @param event a change of a row, or a truncation
   */
  boolean keeps(Event event);

  /**
   * {@return whether the destination sees a row of the initial copy; by default it sees all}
   *
   * @param row the row
   */
  default boolean keepsCopied(TableRow row) {
    return true;
  }
}
