package dev.pgetl.testkit.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was delivered for one table. Guarded by the lock of its destination. */
final class TableRecord {
  private final List<TableRow> copied = new ArrayList<>();
  private final List<Event> changes = new ArrayList<>();
  private MaterialisedTable materialised = new MaterialisedTable();
  private @Nullable TableSchema schema;
  private @Nullable EventSequence lastApplied;
  private @Nullable KeptAside aside;
  private long rowWrites;
  private long truncations;
  private long replacements;

  /** What is still to be applied, in the order in which it came: copied rows and changes. */
  private final Deque<Runnable> arrived = new ArrayDeque<>();

  /**
   * What a replacement has brought so far.
   *
   * @param version of the copy
   * @param rows its rows
   */
  private record KeptAside(Lsn version, List<TableRow> rows) {}

  void add(Call call, TableSchema version) {
    schema = schema == null ? version : schema;
    rowWrites += call.operation() == Operation.ROWS ? 1 : 0;
    if (call.operation() == Operation.REPLACE) {
      aside = new KeptAside(version.snapshotLsn(), new ArrayList<>());
    } else if (call.operation() == Operation.TRUNCATE) {
      truncations++;
      aside = null;
      schema = version;
      startOver();
    } else if (aside != null && aside.version().equals(version.snapshotLsn())) {
      addTo(aside, call, version);
    } else {
      schema = version;
      copy(call.rows());
      if (call.range() != null) {
        remove(call.range());
      }
    }
  }

  private void addTo(KeptAside kept, Call call, TableSchema version) {
    kept.rows().addAll(call.rows());
    if (call.range() != null) {
      kept.rows().removeIf(call.range()::contains);
    }
    if (call.operation() == Operation.COPIED) {
      replacements++;
      aside = null;
      schema = version;
      startOver();
      copy(kept.rows());
    }
  }

  private void copy(List<TableRow> rows) {
    copied.addAll(rows);
    rows.forEach(row -> arrived.add(() -> materialised.insert(row)));
  }

  /** The key of the last event stays, and so do the changes: they were delivered. */
  private void remove(KeyRange range) {
    copied.removeIf(range::contains);
    arrived.add(() -> materialised.remove(range));
  }

  /** A new copy begins: what is applied from now on starts with it. */
  private void startOver() {
    copied.clear();
    materialised = new MaterialisedTable();
    lastApplied = null;
    arrived.clear();
  }

  void add(Event event, TableSchema version) {
    schema = version;
    if (!(event instanceof Event.Relation)) {
      changes.add(event);
      arrived.add(() -> apply(event));
    }
  }

  boolean isNamed(String name) {
    return schema != null && Call.isNamed(schema, name);
  }

  String name() {
    return schema == null ? "" : schema.name().toString();
  }

  List<TableRow> keptAside() {
    return aside == null ? List.of() : List.copyOf(aside.rows());
  }

  long replacements() {
    return replacements;
  }

  List<TableRow> copiedRows() {
    return List.copyOf(copied);
  }

  long copiedRowCount() {
    return copied.size();
  }

  List<Event> changes() {
    return List.copyOf(changes);
  }

  long changeCount() {
    return changes.size();
  }

  long rowWrites() {
    return rowWrites;
  }

  long truncations() {
    return truncations;
  }

  /** Applies what came since the last time. */
  List<TableRow> materialise() {
    for (Runnable next = arrived.poll(); next != null; next = arrived.poll()) {
      next.run();
    }
    return materialised.rows();
  }

  private void apply(Event event) {
    EventSequence sequence = event.sequence();
    if (lastApplied != null && sequence.compareTo(lastApplied) <= 0) {
      return;
    }
    lastApplied = sequence;
    if (event instanceof Event.Insert insert) {
      materialised.insert(insert.row());
    } else if (event instanceof Event.Update update) {
      materialised.update(update);
    } else if (event instanceof Event.Delete delete) {
      materialised.delete(delete.oldRow().row());
    } else {
      materialised.clear();
    }
  }
}
