package dev.pgetl.destination.postgres.fold;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one table with a key, in the order of the events, folded per key. What is left is
 * applied to the table as it was before them: first the deletes, then the updates, then the
 * inserts. Not thread-safe.
 *
 * <p>Texts of keys are compared as the source printed them. Two texts that are equal in Postgres,
 * as 1.0 and 1.00, are never two rows at once, and a change of one to the other is an event.
 */
public final class TableFold {
  /** Separates the columns of a key; no text of Postgres has it. */
  private static final char SEPARATOR = '\0';

  private static final BitSet NOTHING = new BitSet();

  private final List<Integer> key;

  /** Inserts before any other change; nothing has been looked up by a key. */
  private final List<TableRow> first = new ArrayList<>();

  private final Map<String, FoldedRow> rows = new LinkedHashMap<>();
  private final Set<String> touched = new HashSet<>();
  private final List<TableRow> deletes = new ArrayList<>();

  /**
   * Creates a fold without changes.
   *
   * @param key the places of the key's columns
   */
  public TableFold(List<Integer> key) {
    this.key = List.copyOf(key);
  }

  /**
   * Adds a change.
   *
   * @return false if it cannot follow the earlier ones: then all of them are to be applied in the
   *     order of the events, and the fold is of no use any more
   */
  public boolean add(Event.RowChange change) {
    if (change instanceof Event.Insert insert) {
      return insert(insert.row());
    }
    if (!gatherByKey()) {
      return false;
    }
    if (change instanceof Event.Update update) {
      Event.OldRow old = update.oldRow();
      return old == null ? update(update.row()) : update(update.row(), old.row());
    }
    return delete(((Event.Delete) change).oldRow().row());
  }

  private boolean insert(TableRow row) {
    if (rows.isEmpty() && touched.isEmpty()) {
      return first.add(row);
    }
    return rows.put(key(row, null), FoldedRow.inserted(row)) == null;
  }

  /** From the first change on that is no insert, rows are found by their keys. */
  private boolean gatherByKey() {
    for (TableRow row : first) {
      if (rows.put(key(row, null), FoldedRow.inserted(row)) != null) {
        return false;
      }
    }
    first.clear();
    return true;
  }

  /** Without an old row the key is the same. */
  private boolean update(TableRow row) {
    String same = key(row, null);
    FoldedRow known = rows.get(same);
    if (known == null) {
      if (!touched.add(same)) {
        return false;
      }
      known = FoldedRow.found(row);
      rows.put(same, known);
    }
    known.apply(row);
    return true;
  }

  private boolean update(TableRow row, TableRow old) {
    String before = key(old, row);
    String after = key(row, old);
    FoldedRow known = rows.remove(before);
    if (known == null) {
      if (!touched.add(before)) {
        return false;
      }
      known = FoldedRow.found(old);
    } else if (!known.agreesWith(old)) {
      return false;
    }
    known.apply(row);
    return rows.put(after, known) == null;
  }

  private boolean delete(TableRow old) {
    String before = key(old, null);
    FoldedRow known = rows.remove(before);
    if (known == null) {
      return deletes.add(old) && touched.add(before);
    }
    TableRow origin = known.origin();
    if (origin != null) {
      deletes.add(origin);
    }
    return known.agreesWith(old);
  }

  /** An unchanged large value of the key is sent with the old row only. */
  private String key(TableRow row, @Nullable TableRow other) {
    if (key.size() == 1) {
      return part(row, other, key.get(0));
    }
    StringBuilder text = new StringBuilder();
    for (int column : key) {
      text.append(part(row, other, column)).append(SEPARATOR);
    }
    return text.toString();
  }

  private static String part(TableRow row, @Nullable TableRow other, int column) {
    TableRow from = row.isPresent(column) || other == null ? row : other;
    return String.valueOf(from.text(column));
  }

  /** {@return rows that have the keys of those to delete, as they were before} */
  public List<TableRow> deletes() {
    return deletes;
  }

  /** {@return the new rows} */
  public List<FoldedRow> inserts() {
    List<FoldedRow> inserts = new ArrayList<>(first.size() + rows.size());
    first.forEach(row -> inserts.add(FoldedRow.inserted(row)));
    for (FoldedRow row : rows.values()) {
      if (row.origin() == null) {
        inserts.add(row);
      }
    }
    return inserts;
  }

  /** {@return the changed rows, by the places of the columns that have changed} */
  public Map<List<Integer>, List<FoldedRow>> updates() {
    Map<BitSet, List<FoldedRow>> groups = new LinkedHashMap<>();
    for (FoldedRow row : rows.values()) {
      BitSet changed = row.origin() == null ? NOTHING : row.changed(key);
      if (!changed.isEmpty()) {
        Collection<FoldedRow> group = groups.computeIfAbsent(changed, c -> new ArrayList<>());
        boolean unused = group.add(row);
      }
    }
    Map<List<Integer>, List<FoldedRow>> updates = new LinkedHashMap<>();
    groups.forEach((changed, group) -> updates.put(changed.stream().boxed().toList(), group));
    return updates;
  }
}
