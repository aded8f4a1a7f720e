package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import java.time.Instant;

/**
 * Which rows and events of a table a destination sees. It is asked before a {@link TableTransform}
 * changes them.
 *
 * <p>A row of a copy is an insert to it: {@code event -> false} keeps nothing of a table, neither
 * rows that exist already nor changes.
 *
 * <p>An update is one event, kept or dropped as a whole, although its row may match a condition
 * only before or only after it. For conditions on values, prefer a row filter of the publication:
 * Postgres turns such an update into an insert or a delete. Where rows have large values, the table
 * needs {@code REPLICA IDENTITY FULL} for that: otherwise the insert lacks those that did not
 * change.
 *
 * <p>What was decided stays: a row that gets a value without an event, by {@code ADD COLUMN} with a
 * default, is neither added nor removed by a condition on that column. The same holds if the filter
 * itself is changed. Resync the table then.
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
   * {@return whether the destination sees a row of a copy; by default what {@link #keeps} answers
   * for an insert of it} That insert is of a transaction at the copy's position, with the number 0
   * and the commit time 1970.
   *
   * @param row the row
   */
  default boolean keepsCopied(TableRow row) {
    Transaction copy = new Transaction(row.table().snapshotLsn(), Instant.EPOCH, 0);
    return keeps(new Event.Insert(copy, 0, row.table(), row));
  }
}
