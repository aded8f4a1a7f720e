package dev.pgetl.testkit.destination;

import dev.pgetl.schema.TableSchema;

/** What a pipeline asks of a destination. */
public enum Operation {
  /** {@link dev.pgetl.destination.Destination#startup()}. */
  STARTUP,
  /** {@link dev.pgetl.destination.Destination#truncateTable(TableSchema, TableSchema)}. */
  TRUNCATE,
  /** {@link dev.pgetl.destination.Destination#beginReplacement}. */
  REPLACE,
  /** {@link dev.pgetl.destination.Destination#continueReplacement}. */
  CONTINUE,
  /** {@link dev.pgetl.destination.Destination#removeRange}. */
  REMOVE,
  /** {@link dev.pgetl.destination.Destination#writeTableRows}. */
  ROWS,
  /** {@link dev.pgetl.destination.Destination#tableCopied}. */
  COPIED,
  /** {@link dev.pgetl.destination.Destination#writeEvents}. */
  EVENTS,
  /** {@link dev.pgetl.destination.Destination#flush()}. */
  FLUSH,
  /** {@link dev.pgetl.destination.Destination#close()}. */
  CLOSE
}
