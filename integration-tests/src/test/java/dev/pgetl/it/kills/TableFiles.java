package dev.pgetl.it.kills;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a destination does for one table: rows and events go into files that outlive the process.
 * Some of it goes into the rows later, or not at all if the process is killed before. Each call
 * that contradicts what the table holds is a violation. Guarded by the destination.
 */
final class TableFiles implements Closeable {
  /** More rows or events that were merely accepted are not kept in memory. */
  private static final int MOST_PENDING = 20_000;

  private static final int ID = 0;
  private static final int VERSION = 1;
  private static final int NOTE = 2;

  private final String name;
  private final RowFile rows;
  private final EventFile events;
  private final Violations violations;
  private final List<TableRow> pendingRows = new ArrayList<>();
  private final List<Event> pendingEvents = new ArrayList<>();
  private final List<Removal> removed = new ArrayList<>();

  /** An event that was begun when the process before was killed: it is in the rows, or not. */
  private @Nullable EventKey unsure;

  /** Keys whose rows were removed by this process. */
  private record Removal(long from, long to) {
    boolean contains(long key) {
      return from <= key && key < to;
    }
  }

  TableFiles(Path directory, String name, long keys, int process, Violations violations) {
    this.name = name;
    this.rows = RowFile.open(rows(directory, name), keys);
    this.events = EventFile.append(events(directory, name), process);
    this.violations = violations;
    this.unsure = rows.begun().isAfter(rows.applied()) ? rows.begun() : null;
  }

  String name() {
    return name;
  }

  static Path rows(Path directory, String name) {
    return directory.resolve(name + ".rows");
  }

  static Path events(Path directory, String name) {
    return directory.resolve(name + ".events");
  }

  // ---- rows of a copy ----

  void truncate() {
    pendingRows.clear();
    pendingEvents.clear();
    rows.truncate();
    unsure = null;
    mark(EventFile.Kind.TRUNCATED, EventKey.NONE);
  }

  /** {@return how many rows were removed} */
  long removeRange(long from, long to) {
    pendingRows.removeIf(row -> from <= row.getLong(ID) && row.getLong(ID) < to);
    removed.add(new Removal(from, to));
    long present = rows.present(from, to);
    rows.removeRange(from, to);
    return present;
  }

  /**
   * Takes rows of a copy.
   *
   * @param later whether they may be kept in memory until the next flush
   */
  void copied(List<TableRow> copied, boolean later) {
    for (TableRow row : copied) {
      long id = row.getLong(ID);
      boolean again = rows.deliver(id);
      if (again && removed.stream().noneMatch(range -> range.contains(id))) {
        violations.add(name + ": row " + id + " was read again, its range was not removed");
      }
    }
    pendingRows.addAll(copied);
    if (!later || pendingRows.size() > MOST_PENDING) {
      flush();
    }
  }

  private void put(TableRow row) {
    long id = row.getLong(ID);
    if (rows.isPresent(id)) {
      violations.add(name + ": row " + id + " was copied twice");
    }
    rows.put(id, row.getLong(VERSION), note(row));
  }

  // ---- events ----

  /** A process begins, or something else that concerns the order of keys. */
  void mark(EventFile.Kind kind, EventKey key) {
    events.add(kind, key, 0);
    events.write();
  }

  void deliver(Event event) {
    events.add(EventFile.Kind.EVENT, key(event), content(event));
    pendingEvents.add(event);
  }

  /**
   * All events of a call were handed over.
   *
   * @param later whether they may be kept in memory until the next flush
   */
  void delivered(boolean later) {
    events.write();
    if (!later || pendingEvents.size() > MOST_PENDING) {
      flush();
    }
  }

  /** Puts into the rows whatever waits. */
  void flush() {
    pendingRows.forEach(this::put);
    pendingRows.clear();
    pendingEvents.forEach(this::apply);
    pendingEvents.clear();
  }

  /** One that is in the rows already has no effect. */
  private void apply(Event event) {
    EventKey key = key(event);
    if (!key.isAfter(rows.applied())) {
      return;
    }
    boolean sure = !key.equals(unsure);
    rows.begin(key);
    if (event instanceof Event.Insert insert) {
      expect(sure, insert.row().getLong(ID), false, key);
      rows.put(insert.row().getLong(ID), insert.row().getLong(VERSION), note(insert.row()));
    } else if (event instanceof Event.Delete delete) {
      long id = delete.oldRow().row().getLong(ID);
      expect(sure, id, true, key);
      rows.remove(id);
    } else if (event instanceof Event.Update update) {
      update(update, sure, key);
    }
    rows.applied(key);
  }

  /** A note that is not sent stays as it was. */
  private void update(Event.Update update, boolean sure, EventKey key) {
    Event.OldRow old = update.oldRow();
    long id = update.row().getLong(ID);
    long before = old == null ? id : old.row().getLong(ID);
    expect(sure, before, true, key);
    int note = update.row().isPresent(NOTE) ? note(update.row()) : rows.note(before);
    rows.remove(before);
    if (before != id) {
      expect(sure, id, false, key);
    }
    rows.put(id, update.row().getLong(VERSION), note);
  }

  private void expect(boolean sure, long id, boolean present, EventKey key) {
    if (sure && rows.isPresent(id) != present) {
      violations.add(
          name + ": " + key + " finds row " + id + (present ? " missing" : " there already"));
    }
  }

  private static EventKey key(Event event) {
    return new EventKey(event.transaction().commitLsn().value(), event.txOrdinal());
  }

  /** {@return a hash of kind and values} */
  private static long content(Event event) {
    if (event instanceof Event.Insert insert) {
      return 1 + 31 * content(insert.row());
    } else if (event instanceof Event.Update update) {
      Event.OldRow old = update.oldRow();
      return 2 + 31 * (content(update.row()) * 31 + (old == null ? 0 : content(old.row())));
    } else if (event instanceof Event.Delete delete) {
      return 3 + 31 * content(delete.oldRow().row());
    }
    return 0;
  }

  private static long content(TableRow row) {
    long hash = 0;
    for (int i = 0; i < row.columnCount(); i++) {
      ByteBuffer text = row.isPresent(i) ? row.textBytes(i) : null;
      hash = hash * 31 + (text == null ? 7 : checksum(text));
    }
    return hash;
  }

  private static int note(TableRow row) {
    ByteBuffer text = row.textBytes(NOTE);
    return text == null ? RowFile.UNKNOWN : checksum(text);
  }

  static int checksum(ByteBuffer text) {
    CRC32C checksum = new CRC32C();
    checksum.update(text);
    return (int) checksum.getValue();
  }

  @Override
  public void close() {
    events.close();
  }
}
