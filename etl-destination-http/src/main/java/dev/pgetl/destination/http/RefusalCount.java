package dev.pgetl.destination.http;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many items of each table were refused since one of it was taken. Thread-safe. */
final class RefusalCount {
  private final Map<TableId, Integer> inARow = new ConcurrentHashMap<>();

  /** {@return how many it is in a row for the table that has most} */
  int inARow(List<TableSchema> tables) {
    return tables.stream().mapToInt(table -> inARow.getOrDefault(table.id(), 0)).max().orElse(0);
  }

  /**
   * Notes an item that was refused, once its letter is written: the same one comes again before.
   */
  void refused(List<TableSchema> tables) {
    tables.forEach(table -> inARow.merge(table.id(), 1, Integer::sum));
  }

  void taken(List<TableSchema> tables) {
    tables.forEach(table -> inARow.remove(table.id()));
  }
}
