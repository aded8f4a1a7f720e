package dev.pgetl.internal.runtime.tally;

import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts the events of batches that the destination took, per table. An event costs an increment; a
 * table is looked up where the stream changes from one to another, and its counts are shown to
 * other threads once per batch. Owned by the delivery's thread.
 */
public final class BatchTally {
  private final Function<TableId, @Nullable TableTally> tables;
  private final List<TableTally> touched = new ArrayList<>();
  private @Nullable TableSchema current;
  private @Nullable TableTally tally;

  /**
   * Creates the counter of one stream.
   *
   * @param tables finds where a table's events count; null if they do not
   */
  public BatchTally(Function<TableId, @Nullable TableTally> tables) {
    this.tables = tables;
  }

  /** The destination took an event. */
  @SuppressWarnings("ReferenceEquality") // an equal version is looked up again, at no harm
  public void add(Event event) {
    if (event instanceof Event.RowChange change) {
      TableSchema table = change.table();
      if (table != current) {
        current = table;
        tally = tables.apply(table.id());
      }
      add(tally, event);
    } else if (event instanceof Event.Truncate truncate) {
      truncate.tables().forEach(table -> add(tables.apply(table.id()), event));
    }
  }

  private void add(@Nullable TableTally table, Event event) {
    if (table != null && table.add(event)) {
      touched.add(table);
    }
  }

  /** The batch is complete: what was added is shown to other threads. */
  public void publish() {
    touched.forEach(TableTally::publish);
    touched.clear();
    current = null;
    tally = null;
  }
}
