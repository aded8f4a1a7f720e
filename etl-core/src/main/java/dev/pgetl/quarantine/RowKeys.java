package dev.pgetl.quarantine;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableSchema;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which rows a change concerns: two if it changes the key. Immutable.
 *
 * @param columns the columns of the key, as one text
 * @param keys the keys; empty if no column distinguishes the rows, so it may concern any
 */
record RowKeys(String columns, Set<String> keys) {
  private static final RowKeys ANY = new RowKeys("", Set.of());

  RowKeys {
    keys = Set.copyOf(keys);
  }

  static RowKeys of(Event.RowChange change) {
    TableSchema table = change.table();
    int[] columns = keyColumns(table);
    if (columns.length == 0) {
      return ANY;
    }
    Set<String> keys = new TreeSet<>();
    for (@Nullable String key : keys(change, columns)) {
      if (key == null) {
        return ANY;
      }
      keys.add(key);
    }
    return new RowKeys(names(table, columns), keys);
  }

  private static List<@Nullable String> keys(Event.RowChange change, int[] columns) {
    if (change instanceof Event.Insert insert) {
      return Collections.singletonList(key(insert.row(), null, columns));
    }
    if (change instanceof Event.Delete delete) {
      return Collections.singletonList(key(delete.oldRow().row(), null, columns));
    }
    Event.Update update = (Event.Update) change;
    Event.OldRow old = update.oldRow();
    return old == null
        ? Collections.singletonList(key(update.row(), null, columns))
        : Arrays.asList(key(update.row(), old.row(), columns), key(old.row(), null, columns));
  }

  /** Those by which updates and deletes find their row; with all columns these are no key. */
  private static int[] keyColumns(TableSchema table) {
    List<ColumnSchema> identity = table.identityColumns();
    boolean useless = table.replicaIdentity() == ReplicaIdentity.FULL || identity.isEmpty();
    return (useless ? table.primaryKey() : identity)
        .stream().mapToInt(column -> table.indexOf(column.name())).sorted().toArray();
  }

  private static String names(TableSchema table, int[] columns) {
    TextFields names = new TextFields();
    for (int column : columns) {
      names.add(table.column(column).name());
    }
    return names.toString();
  }

  /** A large part of a key that did not change is in the old row only; null if it is nowhere. */
  private static @Nullable String key(TableRow row, @Nullable TableRow old, int[] columns) {
    TextFields key = new TextFields();
    for (int column : columns) {
      if (row.isPresent(column)) {
        key.add(row.text(column));
      } else if (old != null && old.isPresent(column)) {
        key.add(old.text(column));
      } else {
        return null;
      }
    }
    return key.toString();
  }
}
