package dev.pgetl.spring;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.util.List;

/** A destination that takes everything. */
class TakingDestination implements Destination {
  @Override
  public void truncateTable(TableSchema table) {}

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    return WriteResult.DURABLE;
  }
}
