package dev.pgetl.destination.http;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many items of each table were refused since one of it was taken. Thread-safe. */
final class RefusalCount {
  private final Map<TableId, Integer> inARow = new ConcurrentHashMap<>();

  /** {@return how many in a row it is for the table that has most; 1 for an item of no table} */
  int refused(List<TableSchema> tables) {
    int most = 1;
    for (TableSchema table : tables) {
      most = Math.max(most, inARow.merge(table.id(), 1, Integer::sum));
    }
    return most;
  }

  void taken(List<TableSchema> tables) {
    tables.forEach(table -> inARow.remove(table.id()));
  }
}
