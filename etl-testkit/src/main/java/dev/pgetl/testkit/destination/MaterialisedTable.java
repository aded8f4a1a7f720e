package dev.pgetl.testkit.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table, known by the columns with which Postgres identifies them. Without such
 * columns a row is known by all its values, and there may be several alike. Not thread-safe.
 */
final class MaterialisedTable {
  private Map<List<@Nullable String>, Deque<TableRow>> rows = new LinkedHashMap<>();
  private Key key = new Key(List.of(), false);

  /** Puts a row; one that is there already with the same unique key is replaced. */
  void insert(TableRow row) {
    useKeyOf(row.table());
    put(row);
  }

  private void put(TableRow row) {
    Deque<TableRow> alike = rows.computeIfAbsent(key.of(row), unknown -> new ArrayDeque<>(1));
    if (key.unique()) {
      alike.clear();
    }
    alike.add(row);
  }

  /** Replaces a row; columns that were not sent keep their value. */
  void update(Event.Update update) {
    useKeyOf(update.table());
    Event.OldRow old = update.oldRow();
    TableRow before = remove(old == null ? update.row() : old.row());
    put(before == null ? update.row() : completed(update.row(), before));
  }

  /** The values a row is known by; null if other rows may be alike. */
  static @Nullable List<@Nullable String> uniqueKey(TableRow row) {
    Key key = Key.of(row.table());
    return key.unique() ? key.of(row) : null;
  }

  void delete(TableRow old) {
    useKeyOf(old.table());
    remove(old);
  }

  /** Removes the rows whose key lies in a range. */
  void remove(KeyRange range) {
    rows.values().forEach(alike -> alike.removeIf(range::contains));
    rows.values().removeIf(Deque::isEmpty);
  }

  void clear() {
    rows.clear();
  }

  List<TableRow> rows() {
    return rows.values().stream().flatMap(Collection::stream).toList();
  }

  private @Nullable TableRow remove(TableRow row) {
    List<@Nullable String> values = key.of(row);
    List<@Nullable String> known = rows.containsKey(values) ? values : olderKey(values);
    Deque<TableRow> alike = rows.get(known);
    if (alike == null) {
      return null;
    }
    TableRow removed = alike.poll();
    if (alike.isEmpty()) {
      rows.remove(known);
    }
    return removed;
  }

  /** A row that is known by all its values does not have those of columns that were added later. */
  private @Nullable List<@Nullable String> olderKey(List<@Nullable String> values) {
    return rows.keySet().stream()
        .filter(known -> !key.unique() && isOlder(known, values))
        .findFirst()
        .orElse(null);
  }

  private static boolean isOlder(List<@Nullable String> known, List<@Nullable String> values) {
    for (int i = 0; i < values.size(); i++) {
      String value = known.get(i);
      if (!TestTable.ABSENT.equals(value) && !Objects.equals(value, values.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static TableRow completed(TableRow row, TableRow before) {
    int columns = row.table().columnCount();
    @Nullable String[] texts = new @Nullable String[columns];
    boolean complete = true;
    for (int i = 0; i < columns; i++) {
      complete &= row.isPresent(i);
      texts[i] = row.isPresent(i) ? row.text(i) : valueOf(before, row.table().column(i).name());
    }
    return complete ? row : TestTable.row(row.table(), texts);
  }

  private static @Nullable String valueOf(TableRow row, String column) {
    int index = row.table().indexOf(column);
    return index < 0 || !row.isPresent(index) ? TestTable.ABSENT : row.text(index);
  }

  /** A new version of the table may identify rows in another way. */
  private void useKeyOf(TableSchema table) {
    Key wanted = Key.of(table);
    if (wanted.equals(key)) {
      return;
    }
    List<TableRow> all = rows();
    rows = new LinkedHashMap<>();
    key = wanted;
    all.forEach(this::put);
  }

  /**
   * What rows are known by.
   *
   * @param columns the names of the columns
   * @param unique whether there is one row at most with the same values
   */
  private record Key(List<String> columns, boolean unique) {

    static Key of(TableSchema table) {
      List<ColumnSchema> primary = table.primaryKey();
      boolean byIdentity =
          table.replicaIdentity() == ReplicaIdentity.DEFAULT
              || table.replicaIdentity() == ReplicaIdentity.INDEX;
      if (byIdentity && !table.identityColumns().isEmpty()) {
        return new Key(names(table.identityColumns()), true);
      }
      return primary.isEmpty()
          ? new Key(names(table.columns()), false)
          : new Key(names(primary), true);
    }

    private static List<String> names(List<ColumnSchema> columns) {
      return columns.stream().map(ColumnSchema::name).toList();
    }

    List<@Nullable String> of(TableRow row) {
      List<@Nullable String> values = new ArrayList<>(columns.size());
      for (String column : columns) {
        values.add(valueOf(row, column));
      }
      return values;
    }
  }
}
