package dev.pgetl.testkit.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Makes everything durable by forgetting it, but for the last key of each table. Thread-safe. */
final class KeepingKeys implements Destination {
  private final Map<TableId, EventSequence> keys = new ConcurrentHashMap<>();
  private final boolean replacing;

  /**
   * Creates a destination.
   *
   * @param replacing whether it keeps the rows of a copy aside
   */
  KeepingKeys(boolean replacing) {
    this.replacing = replacing;
  }

  @Override
  public void truncateTable(TableSchema table) {
    keys.remove(table.id());
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    return replacing;
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return replacing;
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    return true;
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    for (Event event : events) {
      if (event instanceof Event.OfTable change) {
        remember(change.table(), event);
      } else if (event instanceof Event.Truncate truncate) {
        truncate.tables().forEach(table -> remember(table, event));
      }
    }
    return WriteResult.DURABLE;
  }

  private void remember(TableSchema table, Event event) {
    keys.merge(table.id(), event.sequence(), (a, b) -> a.compareTo(b) >= 0 ? a : b);
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    return Optional.of(keys.getOrDefault(table, EventSequence.NONE));
  }
}
