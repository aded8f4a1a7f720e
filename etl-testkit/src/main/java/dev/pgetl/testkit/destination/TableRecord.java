package dev.pgetl.testkit.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableSchema;
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
  private long rowWrites;
  private long truncations;

  /** What is still to be applied, in the order in which it came: copied rows and changes. */
  private final Deque<Runnable> arrived = new ArrayDeque<>();

  TableRecord describe(TableSchema version) {
    schema = version;
    return this;
  }

  void add(Call call) {
    if (call.operation() == Operation.TRUNCATE) {
      truncations++;
      startOver();
    } else if (call.operation() == Operation.ROWS) {
      rowWrites++;
      copied.addAll(call.rows());
      call.rows().forEach(row -> arrived.add(() -> materialised.insert(row)));
    } else if (call.range() != null) {
      remove(call.range());
    }
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

  void add(Event event) {
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
