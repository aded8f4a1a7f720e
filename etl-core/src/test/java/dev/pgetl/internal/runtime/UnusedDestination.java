package dev.pgetl.internal.runtime;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.util.List;

/** A destination that must get nothing. */
public class UnusedDestination implements Destination {
  @Override
  public void truncateTable(TableSchema table) {
    throw new UnsupportedOperationException();
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    throw new UnsupportedOperationException();
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    throw new UnsupportedOperationException();
  }
}
