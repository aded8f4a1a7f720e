package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;

/**
 * Which rows and events of a table a destination sees. It is asked before a {@link TableTransform}
 * changes them.
 *
 * <p>An update is one event, kept or left out as a whole, though its row may fit a condition only
 * before or only after it. For conditions on values a row filter of the publication is the better
 * tool: Postgres turns such an update into an insert or a delete.
 *
 * <p><b>Threads.</b> Several threads call at once.
 *
 * <p><b>Failures.</b> What a filter throws fails the table it is about, and no other. It must not
 * quote a value.
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
