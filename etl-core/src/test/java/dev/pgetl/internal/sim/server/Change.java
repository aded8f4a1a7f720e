package dev.pgetl.internal.sim.server;

import dev.pgetl.internal.decode.PgOutputBytes;
import dev.pgetl.schema.ReplicaIdentity;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record of the WAL: a row that changed, or a table that was emptied.
 *
 * @param lsn where it starts
 * @param shape the table at this place
 * @param invalidated what a sender asks for again from here on
 * @param publications those that publish the table at this place
 * @param before the old row; null for an insert and a truncate
 * @param after the new row; null for a delete and a truncate
 */
record Change(
    long lsn,
    Shape shape,
    Set<Long> invalidated,
    Set<String> publications,
    @Nullable Row before,
    @Nullable Row after) {

  boolean isTruncate() {
    return before == null && after == null;
  }

  /** {@return the message of pgoutput} */
  byte[] message() {
    if (before == null) {
      return after == null
          ? PgOutputBytes.truncate(0, shape.oid())
          : PgOutputBytes.insert(shape.oid(), array(shape.cells(after)));
    }
    return after == null ? delete(before) : update(before, after);
  }

  private byte[] delete(Row old) {
    return oldRow(PgOutputBytes.delete(shape.oid()), old).bytes();
  }

  private byte[] update(Row old, Row row) {
    PgOutputBytes message = PgOutputBytes.update(shape.oid());
    boolean full = shape.identity() == ReplicaIdentity.FULL;
    if (full || !old.key().equals(row.key())) {
      oldRow(message, old);
    }
    return message.int8('N').tuple(array(unchanged(old, row))).bytes();
  }

  private PgOutputBytes oldRow(PgOutputBytes message, Row old) {
    if (shape.identity() == ReplicaIdentity.FULL) {
      return message.int8('O').tuple(array(shape.cells(old)));
    }
    return message.int8('K').tuple(array(shape.cells(Row.of(Integer.parseInt(old.key())))));
  }

  /** A long value that did not change is not sent, not even if the old row has it. */
  private List<@Nullable String> unchanged(Row old, Row row) {
    List<@Nullable String> cells = shape.cells(row);
    for (int i = 0; i < cells.size(); i++) {
      Shape.Column column = shape.columns().get(i);
      String before = old.cell(column.number());
      if (column.isLong() && before != null && before.equals(cells.get(i))) {
        cells.set(i, PgOutputBytes.UNCHANGED);
      }
    }
    return cells;
  }

  private static @Nullable String[] array(List<@Nullable String> cells) {
    return cells.toArray(new @Nullable String[0]);
  }
}
