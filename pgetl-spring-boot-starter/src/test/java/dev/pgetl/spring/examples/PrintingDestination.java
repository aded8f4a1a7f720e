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
    rows.forEach(row -> System.out.println(table.name() + " has " + row.toMap()));
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    for (Event event : events) {
      if (event instanceof Event.Insert insert) {
        System.out.println(insert.table().name() + " gets " + insert.row().toMap());
      } else {
        System.out.println("then " + event); // has no values, so that logs have none
      }
    }
    return WriteResult.DURABLE;
  }
}
// end::destination[]
