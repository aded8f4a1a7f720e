package dev.pgetl.internal.range;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.event.EventSequence;
import dev.pgetl.internal.range.SampleTable.Row;
import dev.pgetl.internal.range.SampleTable.RowKey;
import dev.pgetl.schema.TableSchema;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The table at a destination that forgives nothing: no row twice, none missing, no upsert. It
 * remembers the key of the last event and skips events up to it.
 */
final class StrictTable {
  private final Map<RowKey, Row> rows = new HashMap<>();
  private TableSchema version;
  private @Nullable EventSequence last;

  /** Something no correct stream does. */
  static final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Violation(String what) {
      super(what);
    }
  }

  StrictTable(TableSchema version) {
    this.version = version;
  }

  /** Begins with rows that are there already. */
  StrictTable(TableSchema version, Map<RowKey, Row> rows) {
    this(version);
    this.rows.putAll(rows);
  }

  Map<RowKey, Row> rows() {
    return rows;
  }

  void remember(EventSequence sequence) {
    last = sequence;
  }

  void forgetLast() {
    last = null;
  }

  void copy(TableRow row) {
    if (rows.putIfAbsent(RowKey.of(row), Row.of(row)) != null) {
      throw new Violation("a row was copied twice");
    }
  }

  void removeRange(TableSchema copied, KeyRange range) {
    rows.values().removeIf(row -> range.contains(row.in(copied)));
  }

  /** Removes some rows of a range, and dies. */
  void removePart(TableSchema copied, KeyRange range, RandomGenerator random) {
    rows.values().removeIf(row -> random.nextBoolean() && range.contains(row.in(copied)));
  }

  void write(Event event) {
    EventSequence sequence = event.sequence();
    if (last != null && sequence.compareTo(last) <= 0) {
      return;
    }
    last = sequence;
    if (event instanceof Event.RowChange change && !change.table().equals(version)) {
      throw new Violation("a row of another version");
    }
    if (event instanceof Event.Insert insert) {
      put(insert.row());
    } else if (event instanceof Event.Update update) {
      update(update);
    } else if (event instanceof Event.Delete delete) {
      Row unused = remove(delete.oldRow());
    } else if (event instanceof Event.Truncate truncate && truncate.concerns(SampleTable.ID)) {
      rows.clear();
    } else if (event instanceof Event.Relation relation) {
      version = relation.table();
    }
  }

  private void update(Event.Update update) {
    TableRow row = update.row();
    OldRow old = update.oldRow();
    Row before = old == null ? remove(RowKey.of(row)) : remove(old);
    if (row.isPresent(3)) {
      put(row);
    } else {
      RowKey key = RowKey.of(row);
      put(TableRow.of(row.table(), row.get(0), key.id(), key.part(), before.large()));
    }
  }

  private void put(TableRow row) {
    if (row.presentCount() < row.columnCount()) {
      throw new Violation("a new row without its large value");
    }
    if (rows.putIfAbsent(RowKey.of(row), Row.of(row)) != null) {
      throw new Violation("a new row whose key exists");
    }
  }

  private Row remove(OldRow old) {
    Row removed = remove(RowKey.of(old.row()));
    if (old.kind() == OldRowKind.FULL && !removed.equals(Row.of(old.row()))) {
      throw new Violation("an old row that differs from the one here");
    }
    return removed;
  }

  private Row remove(RowKey key) {
    Row removed = rows.remove(key);
    if (removed == null) {
      throw new Violation("a change of a row that is missing");
    }
    return removed;
  }
}
