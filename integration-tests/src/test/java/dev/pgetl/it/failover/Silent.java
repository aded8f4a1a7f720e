package dev.pgetl.it.failover;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.util.List;

/** Passes everything on, and does not say which keys it has received. */
final class Silent implements Destination {
  private final Destination target;

  Silent(Destination target) {
    this.target = target;
  }

  @Override
  public long wholeTransactionBytes() {
    return target.wholeTransactionBytes();
  }

  @Override
  public void truncateTable(TableSchema table) {
    target.truncateTable(table);
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    return target.writeTableRows(table, rows);
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    return target.writeEvents(events);
  }

  @Override
  public void flush() {
    target.flush();
  }
}
