package dev.pgetl.it.walk;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One table of the destination. Finds rows by the key that the source's catalogue had when the
 * change was committed, and cells by attribute number. Owned by the walk's thread.
 */
final class TargetTable {
  /** What a cell holds whose value was never sent. */
  private static final String NEVER_SENT = "(never sent)";

  private final long oid;
  private final List<Map<Integer, @Nullable String>> rows = new ArrayList<>();
  private @Nullable EventSequence applied;
  private Lsn copiedAt = Lsn.ZERO;

  TargetTable(long oid) {
    this.oid = oid;
  }

  List<Map<Integer, @Nullable String>> rows() {
    return List.copyOf(rows);
  }

  void apply(Target.Entry entry, Shapes shapes) {
    if (entry instanceof Target.Entry.Truncated) {
      rows.clear();
      applied = null;
      copiedAt = Lsn.ZERO;
    } else if (entry instanceof Target.Entry.Removed removed) {
      remove(removed.table(), removed.range(), shapes);
    } else if (entry instanceof Target.Entry.Copied copied) {
      copiedAt = copied.at();
      copy(cells(copied.row(), copied.at(), shapes), shapes.at(oid, copied.at()));
    } else if (entry instanceof Target.Entry.Happened happened) {
      if (happened.event() instanceof Event.RowChange change) {
        new Description(change.table(), change.transaction().commitLsn(), shapes).judge(copiedAt);
      }
      applyOnce(happened.event(), shapes);
    }
  }

  private void remove(TableSchema version, KeyRange range, Shapes shapes) {
    ColumnSchema column = version.column(version.indexOf(range.column()));
    TableSchema key = TestTable.named("key").key(column.name(), column.type()).build();
    Integer number = shapes.number(oid, version.snapshotLsn(), column.name());
    rows.removeIf(row -> range.contains(TestTable.row(key, row.get(number))));
  }

  /**
   * Rows of a copy may come again; they are recognised by their key, unless a column list lacks it.
   */
  private void copy(Map<Integer, @Nullable String> cells, Shape shape) {
    if (!shape.key().isEmpty() && cells.keySet().containsAll(shape.key())) {
      rows.removeIf(row -> agree(row, cells, shape.key()));
    }
    rows.add(cells);
  }

  private void applyOnce(Event event, Shapes shapes) {
    if (applied == null || event.sequence().compareTo(applied) > 0) {
      change(event, shapes);
      applied = event.sequence();
    }
  }

  private void change(Event event, Shapes shapes) {
    Lsn commit = event.transaction().commitLsn();
    if (event instanceof Event.Insert insert) {
      rows.add(cells(insert.row(), commit, shapes));
    } else if (event instanceof Event.Update update) {
      Map<Integer, @Nullable String> now = cells(update.row(), commit, shapes);
      Event.OldRow old = update.oldRow();
      Map<Integer, @Nullable String> before =
          take(old == null ? now : cells(old.row(), commit, shapes), old, commit, shapes);
      rows.add(completed(now, before));
    } else if (event instanceof Event.Delete delete) {
      take(cells(delete.oldRow().row(), commit, shapes), delete.oldRow(), commit, shapes);
    } else if (event instanceof Event.Truncate) {
      rows.clear();
    }
  }

  /** Removes the row that a change is about; empty if there is none. */
  private Map<Integer, @Nullable String> take(
      Map<Integer, @Nullable String> sought,
      Event.@Nullable OldRow old,
      Lsn commit,
      Shapes shapes) {
    boolean whole = old != null && old.kind() == Event.OldRowKind.FULL;
    List<Integer> key = whole ? List.copyOf(sought.keySet()) : shapes.at(oid, commit).key();
    for (int i = 0; i < rows.size() && !key.isEmpty(); i++) {
      if (agree(rows.get(i), sought, key)) {
        return rows.remove(i);
      }
    }
    return Map.of();
  }

  private static boolean agree(
      Map<Integer, @Nullable String> row,
      Map<Integer, @Nullable String> other,
      List<Integer> columns) {
    return columns.stream().allMatch(number -> same(row.get(number), other.get(number)));
  }

  private static boolean same(@Nullable String a, @Nullable String b) {
    return Objects.equals(a, b);
  }

  private static Map<Integer, @Nullable String> completed(
      Map<Integer, @Nullable String> now, Map<Integer, @Nullable String> before) {
    Map<Integer, @Nullable String> row = new HashMap<>(now);
    row.replaceAll(
        (number, value) -> {
          boolean absent = NEVER_SENT.equals(value);
          return absent && before.containsKey(number) ? before.get(number) : value;
        });
    return row;
  }

  private Map<Integer, @Nullable String> cells(TableRow row, Lsn commit, Shapes shapes) {
    Map<Integer, @Nullable String> cells = new HashMap<>();
    for (int i = 0; i < row.columnCount(); i++) {
      String column = row.table().column(i).name();
      Integer number = shapes.number(oid, commit, column);
      if (number == null) {
        throw new Failure(
            Failure.Kind.BROKEN_RULE, "table " + oid + " never had a column " + column);
      }
      cells.put(number, row.isPresent(i) ? row.text(i) : NEVER_SENT);
    }
    return cells;
  }
}
