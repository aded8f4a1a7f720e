package dev.pgetl.it.schema;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps tables as a database would: a new version renames, adds, drops and retypes columns by their
 * attribute numbers. A version in which a number is missing it refuses, because it cannot know
 * which column that is. Every table has the key {@code id}. Thread-safe.
 */
final class MirrorDestination implements Destination {

  /** A table and its rows: the key, then each column's text by its attribute number. */
  private static final class Mirrored {
    private final Map<String, Map<Integer, @Nullable String>> rows = new TreeMap<>();
    private TableSchema version;
    private @Nullable EventSequence applied;

    Mirrored(TableSchema version) {
      this.version = version;
    }
  }

  private final Object lock = new Object();
  private final Map<TableId, Mirrored> tables = new HashMap<>();
  private final UnaryOperator<String> evaluator;

  /**
   * Creates an empty destination.
   *
   * @param evaluator gives the text of an SQL expression's value
   */
  MirrorDestination(UnaryOperator<String> evaluator) {
    this.evaluator = evaluator;
  }

  /** {@return each row's columns by their names} */
  List<Map<String, @Nullable String>> rows(TableId table) {
    synchronized (lock) {
      Mirrored mirrored = Objects.requireNonNull(tables.get(table));
      List<Map<String, @Nullable String>> rows = new ArrayList<>();
      for (Map<Integer, @Nullable String> cells : mirrored.rows.values()) {
        Map<String, @Nullable String> row = new TreeMap<>();
        mirrored
            .version
            .columns()
            .forEach(column -> row.put(column.name(), cells.get(column.attributeNumber())));
        rows.add(row);
      }
      return rows;
    }
  }

  /** {@return what a table looks like: its name, and its columns as in {@code described}} */
  String shape(TableId table) {
    synchronized (lock) {
      TableSchema version = Objects.requireNonNull(tables.get(table)).version;
      return version.name() + " " + SchemaChangeIT.described(version);
    }
  }

  @Override
  public void truncateTable(TableSchema table) {
    synchronized (lock) {
      tables.remove(table.id());
    }
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    synchronized (lock) {
      Mirrored mirrored = tables.get(table.id());
      if (mirrored != null) {
        mirrored.rows.values().removeIf(cells -> range.contains(row(table, cells)));
      }
      return true;
    }
  }

  private static TableRow row(TableSchema table, Map<Integer, @Nullable String> cells) {
    List<@Nullable String> texts = new ArrayList<>();
    table.columns().forEach(column -> texts.add(cells.get(column.attributeNumber())));
    return TestTable.row(table, texts.toArray(new @Nullable String[0]));
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    synchronized (lock) {
      Mirrored mirrored = tables.computeIfAbsent(table.id(), id -> new Mirrored(table));
      rows.forEach(row -> put(mirrored, row, null));
      return WriteResult.DURABLE;
    }
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    synchronized (lock) {
      for (Event event : events) {
        if (event instanceof Event.Truncate truncate) {
          truncate.tables().forEach(table -> applyOnce(table.id(), event));
        } else if (event instanceof Event.OfTable ofTable) {
          applyOnce(ofTable.table().id(), event);
        }
      }
      return WriteResult.DURABLE;
    }
  }

  private void applyOnce(TableId id, Event event) {
    Mirrored table = Objects.requireNonNull(tables.get(id), "a change of a table never copied");
    if (table.applied == null || event.sequence().compareTo(table.applied) > 0) {
      apply(table, event);
      table.applied = event.sequence();
    }
  }

  private void apply(Mirrored table, Event event) {
    if (event instanceof Event.Relation relation) {
      alter(table, relation.table());
    } else if (event instanceof Event.Insert insert) {
      put(table, insert.row(), null);
    } else if (event instanceof Event.Update update) {
      TableRow before = update.oldRow() == null ? update.row() : update.oldRow().row();
      put(table, update.row(), table.rows.remove(key(before)));
    } else if (event instanceof Event.Delete delete) {
      table.rows.remove(key(delete.oldRow().row()));
    } else {
      table.rows.clear();
    }
  }

  private static String key(TableRow row) {
    return Objects.requireNonNull(row.text("id"));
  }

  private static void put(
      Mirrored table, TableRow row, @Nullable Map<Integer, @Nullable String> before) {
    if (!row.table().sameOnTheWire(table.version)) {
      throw new IllegalStateException("a row of a version that was not announced: " + row.table());
    }
    Map<Integer, @Nullable String> cells = new TreeMap<>();
    for (int i = 0; i < row.columnCount(); i++) {
      int number = table.version.column(i).attributeNumber();
      if (row.isPresent(i)) {
        cells.put(number, row.text(i));
      } else {
        cells.put(number, before == null ? "never sent" : before.get(number));
      }
    }
    table.rows.put(key(row), cells);
  }

  private void alter(Mirrored table, TableSchema version) {
    Map<Integer, ColumnSchema> old = byNumber(table.version);
    Map<Integer, ColumnSchema> now = byNumber(version);
    if (now.size() < version.columnCount() || now.containsKey(0)) {
      throw new EtlException(
              ErrorKind.DESTINATION_REJECTED, "tell the columns of " + version.name() + " apart")
          .withTable(version.id().oid());
    }
    for (ColumnSchema column : version.columns()) {
      if (!old.containsKey(column.attributeNumber())) {
        String initial = initial(column);
        table.rows.values().forEach(cells -> cells.put(column.attributeNumber(), initial));
      }
    }
    table.rows.values().forEach(cells -> cells.keySet().retainAll(now.keySet()));
    table.version = version;
  }

  /** What the rows that are there get in a new column. */
  private @Nullable String initial(ColumnSchema column) {
    String expression = column.defaultExpression();
    return expression == null ? null : evaluator.apply(expression);
  }

  private static Map<Integer, ColumnSchema> byNumber(TableSchema version) {
    return version.columns().stream()
        .collect(Collectors.toMap(ColumnSchema::attributeNumber, column -> column, (a, b) -> a));
  }
}
