package dev.pgetl.spring.examples;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import org.springframework.stereotype.Component;

/** Prints what it gets. */
// tag::destination[]
@Component
class PrintingDestination implements Destination {
  @Override
  public void truncateTable(TableSchema table) {
    System.out.println("empty " + table.name()); // its copy begins
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    rows.forEach(row -> System.out.println(table.name() + " has " + row));
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    events.forEach(event -> System.out.println("then " + event));
    return WriteResult.DURABLE;
  }
}
// end::destination[]
