package dev.pgetl.benchmarks;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.util.List;

/** Takes everything and keeps nothing. Thread-safe. */
final class NoDestination implements Destination {
  @Override
  public void truncateTable(TableSchema table) {
    // nothing is kept
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    return WriteResult.DURABLE;
  }
}
