package dev.pgetl.internal.sim;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.internal.sim.server.RangePlan;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A table in the destination: rows by key, cells by column number. Objects to everything that
 * at-least-once delivery does not explain: what is new has to fit exactly, and nothing may be older
 * than the copy.
 */
final class DestinationTable {
  private final Consumer<String> objections;
  private final Map<String, Map<Integer, String>> rows = new TreeMap<>();

  /** The consistent point of the copy the rows began with. */
  private @Nullable Lsn copiedAt;

  /** The version of the rows that come next: the copy's, or the one that was announced last. */
  private @Nullable TableSchema announced;

  /** Whether it was emptied, or a range removed, for a copy whose end has not been reported. */
  private boolean copying;

  /** The newest event so far; what is not behind it comes again. */
  private @Nullable EventSequence newest;

  /** The rows that came last; they come again if their call failed. */
  private @Nullable List<TableRow> lastCopied;

  /** The range that is copied again although the copy had ended; null if none is. */
  private @Nullable KeyRange again;

  /** Where the table left the publication: there may be changes that are not sent. */
  private @Nullable Lsn leftAt;

  /** What a replacement has brought so far; null if none has begun, or if it has ended. */
  private @Nullable DestinationTable aside;

  /** The version of what is kept aside. */
  private @Nullable Lsn asideVersion;

  /** Whether the last copy was to be a replacement, which was declined. */
  private boolean declined;

  /** Whether the pipeline does not carry the table any more. */
  private boolean dismissed;

  DestinationTable(Consumer<String> objections) {
    this.objections = objections;
  }

  Map<String, Map<Integer, String>> rows() {
    return rows;
  }

  /**
   * The table is not published at the moment: until it is copied as it is later, what comes need
   * not fit what is here.
   */
  void left(Lsn end) {
    leftAt = end;
  }

  /**
   * The pipeline has forgotten the table: what may still come is of no interest to anyone. What is
   * kept aside stays: the pipeline may have forgotten what was before another history.
   */
  void dismiss() {
    empty();
    dismissed = true;
  }

  /** {@return the key of the newest event since the last copy began} */
  EventSequence newest() {
    return newest == null ? EventSequence.NONE : newest;
  }

  void beginCopy() {
    if (!declined) {
      objections.accept("is truncated although its rows could be replaced");
    }
    empty();
    aside = null;
    copying = true;
  }

  /** The destination will not keep the rows of the next copy aside. */
  void decline() {
    declined = true;
  }

  void beginReplacement(TableSchema next) {
    declined = false;
    asideVersion = next.snapshotLsn();
    aside = new DestinationTable(what -> objections.accept("aside: " + what));
    aside.copying = true;
  }

  private @Nullable DestinationTable aside(TableSchema version) {
    return version.snapshotLsn().equals(asideVersion) ? aside : null;
  }

  boolean isAside(TableSchema version) {
    return aside(version) != null;
  }

  /** {@return whether the rows of a version are kept aside, or have replaced the others already} */
  boolean hasKept(TableSchema version) {
    return isAside(version)
        || (aside == null && !copying && version.snapshotLsn().equals(copiedAt));
  }

  /** {@return whether the end of a replacement has not come yet} */
  boolean isReplacing() {
    return aside != null;
  }

  private void requireNotReplacing(String what) {
    if (aside != null) {
      objections.accept(what + " while a replacement of another version has not ended");
    }
  }

  private void empty() {
    rows.clear();
    copiedAt = null;
    announced = null;
    newest = null;
    lastCopied = null;
    again = null;
  }

  /** A range of the key is copied again: half of it is removed, or all. */
  void remove(TableSchema version, KeyRange range, boolean half) {
    DestinationTable kept = aside(version);
    if (kept != null) {
      kept.remove(version, range, half);
      return;
    }
    requireNotReplacing("a range is removed");
    if (copying && again == null) {
      requireSameCopy(version);
    } else {
      again = range;
      copying = true;
    }
    List<String> keys =
        rows.keySet().stream().filter(key -> RangePlan.contains(range, key)).toList();
    rows.keySet().removeAll(half ? keys.subList(0, keys.size() / 2) : keys);
    lastCopied = null;
  }

  /**
   * Takes the first rows of a list. Only a list whose call failed may come again: what was copied
   * before an interruption has to be removed, or would be there twice.
   */
  @SuppressWarnings("ReferenceEquality") // a call that is repeated brings the same list
  void copied(TableSchema version, List<TableRow> copy, int count) {
    DestinationTable kept = aside(version);
    if (kept != null) {
      kept.copied(version, copy, count);
      return;
    }
    requireNotReplacing("rows come");
    comesBack(version);
    if (again == null) {
      requireSameCopy(version);
    }
    copiedAt = version.snapshotLsn();
    announced = version;
    if (!copying && !copy.isEmpty()) {
      objections.accept("rows come behind the end of the copy");
    }
    if (again != null && !copy.stream().allMatch(this::isAgain)) {
      objections.accept("rows outside of the range that is copied again");
    }
    for (TableRow row : copy.subList(0, count)) {
      if (!isOf(version, row.table())) {
        objections.accept("a row of " + row.table() + " among those of " + version);
      }
      if (rows.containsKey(key(row)) && copy != lastCopied) {
        objections.accept("a row is copied twice");
      }
      put(version, row, Map.of());
    }
    lastCopied = copy;
  }

  private void comesBack(TableSchema version) {
    dismissed = false;
    if (leftAt != null && version.snapshotLsn().isAfter(leftAt)) {
      leftAt = null;
    }
  }

  private boolean isAgain(TableRow row) {
    return again != null && RangePlan.contains(again, key(row));
  }

  /** {@return whether the rows of the copy, which have all come, have replaced the others} */
  boolean complete(TableSchema version) {
    declined = false;
    DestinationTable kept = aside(version);
    if (kept == null) {
      requireNotReplacing("a copy ends");
      end(version);
      return false;
    }
    kept.end(version);
    empty();
    aside = null;
    comesBack(version);
    rows.putAll(kept.rows);
    copiedAt = kept.copiedAt;
    announced = kept.announced;
    copying = false;
    return true;
  }

  private void end(TableSchema version) {
    if (again == null) {
      requireSameCopy(version);
    }
    if (copiedAt == null) {
      objections.accept("a copy without rows ends");
    }
    copiedAt = version.snapshotLsn();
    copying = false;
    again = null;
  }

  private static boolean isOf(TableSchema version, TableSchema other) {
    return version.snapshotLsn().equals(other.snapshotLsn())
        && version.name().equals(other.name())
        && version.columns().equals(other.columns());
  }

  private void requireSameCopy(TableSchema version) {
    if (copiedAt != null && !copiedAt.equals(version.snapshotLsn())) {
      objections.accept("rows of another copy of " + version + " without a truncate");
    }
  }

  /**
   * Applies a change, unless it has been here before: a value that did not change is not sent, so
   * what comes again cannot be applied to rows that are further on.
   */
  void apply(Event.RowChange change) {
    if (!begins(change)) {
      return;
    }
    if (announced != null && !isSame(announced, change.table())) {
      object(change, "has " + change.table() + ", announced was " + announced);
    }
    if (change instanceof Event.Insert insert) {
      if (rows.containsKey(key(insert.row()))) {
        object(change, "inserts a row that is there");
      }
      put(change.table(), insert.row(), Map.of());
    } else if (change instanceof Event.Update update) {
      Event.OldRow old = update.oldRow();
      Map<Integer, String> before = removed(change, old == null ? update.row() : old.row());
      put(change.table(), update.row(), before);
    } else if (change instanceof Event.Delete delete) {
      removed(change, delete.oldRow().row());
    }
  }

  /** The table has another version from here on, unless that has been here before. */
  void announce(Event.Relation relation) {
    if (begins(relation)) {
      announced = relation.table();
    }
  }

  private static boolean isSame(TableSchema announced, TableSchema version) {
    return announced.name().equals(version.name())
        && announced.replicaIdentity() == version.replicaIdentity()
        && announced.columns().equals(version.columns());
  }

  private Map<Integer, String> removed(Event change, TableRow row) {
    Map<Integer, String> removed = rows.remove(key(row));
    if (removed == null) {
      object(change, "changes a row that is not there");
    }
    return removed == null ? Map.of() : removed;
  }

  void truncate(Event.Truncate truncate) {
    if (begins(truncate)) {
      rows.clear();
    }
  }

  /** {@return whether the event has not been here before} */
  private boolean begins(Event event) {
    if (dismissed) {
      return false;
    }
    if (aside != null) {
      object(event, "comes while the rows are being replaced");
    }
    if (copiedAt == null || copying) {
      object(event, "comes before the copy");
    } else if (event.transaction().commitLsn().isBefore(copiedAt)) {
      object(event, "is older than the copy at " + copiedAt);
    }
    boolean isNew = newest == null || event.sequence().compareTo(newest) > 0;
    if (isNew) {
      newest = event.sequence();
    }
    return isNew;
  }

  private void object(Event event, String what) {
    if (leftAt != null) {
      return;
    }
    objections.accept(event.getClass().getSimpleName() + " " + event.sequence() + " " + what);
  }

  private static String key(TableRow row) {
    return String.valueOf(row.text(0));
  }

  private void put(TableSchema version, TableRow row, Map<Integer, String> before) {
    Map<Integer, String> cells = new TreeMap<>(before);
    for (int i = 0; i < version.columnCount(); i++) {
      ColumnSchema column = version.column(i);
      if (row.isPresent(i)) {
        String text = row.text(i);
        if (text == null) {
          cells.remove(column.attributeNumber());
        } else {
          cells.put(column.attributeNumber(), text);
        }
      }
    }
    rows.put(key(row), cells);
  }
}
