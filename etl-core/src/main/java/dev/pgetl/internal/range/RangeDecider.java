package dev.pgetl.internal.range;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.value.order.KeyOrder;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each change in the stream of a table what is left of it for a destination whose rows
 * were copied by ranges at different positions. A change is part of a range if it was committed
 * before the position of the range. Owned by the stream's reader.
 *
 * <p>A change of a key may lead from one range into another. If only the old one has it, the new
 * row is missing: it becomes an insert. If only the new one has it, the old row is still there: it
 * becomes a delete.
 */
public final class RangeDecider {
  private final TableId table;
  private final TableName name;
  private final String column;
  private final Lsn newest;
  private final KeyOrder order;
  private final List<KeyOrder.Key> ends;
  private final List<Lsn> positions;

  /**
   * Creates the decider of a table's stream.
   *
   * @param ranges of the copy
   * @param version the version of the copied rows
   * @throws IllegalArgumentException if a range is not finished
   * @throws EtlException of kind {@code SLOT_LOST} if the ranges do not suit the key of that
   *     version
   */
  public RangeDecider(CopyRanges ranges, TableSchema version) {
    if (ranges.finishedCount() < ranges.ranges().size()) {
      throw new IllegalArgumentException("a range is not finished");
    }
    this.table = version.id();
    this.name = version.name();
    this.column = ranges.column();
    this.newest = ranges.newest();
    this.order = order(version);
    this.ends = ends(ranges.ranges());
    this.positions = ranges.ranges().stream().map(RangeState::position).toList();
  }

  private KeyOrder order(TableSchema version) {
    int index = version.indexOf(column);
    if (index < 0) {
      throw startOver("the column of its ranges is missing");
    }
    if (!version.column(index).inReplicaIdentity()) {
      throw startOver("the column of its ranges is not in its replica identity");
    }
    return KeyOrder.of(version.column(index).type())
        .orElseThrow(() -> startOver("the type of its key has another order by now"));
  }

  private List<KeyOrder.Key> ends(List<RangeState> ranges) {
    List<KeyOrder.Key> keys = new ArrayList<>();
    for (RangeState range : ranges.subList(1, ranges.size())) {
      KeyOrder.Key end = end(Objects.requireNonNull(range.keys().from()));
      if (!keys.isEmpty() && end.compareTo(keys.get(keys.size() - 1)) <= 0) {
        throw startOver("its ranges are not in the order of its key");
      }
      keys.add(end);
    }
    return keys;
  }

  private KeyOrder.Key end(String text) {
    try {
      return order.key(text);
    } catch (IllegalArgumentException e) { // its message has the value
      throw startOver("an end of its ranges is no value of its key");
    }
  }

  /** {@return the first position from which on nothing is compared} */
  public Lsn newest() {
    return newest;
  }

  /** {@return whether everything committed from a position on is to be delivered as it is} */
  public boolean isBehind(Lsn position) {
    return !position.isBefore(newest);
  }

  /**
   * {@return what to deliver of an event; null if the destination has it already}
   *
   * @throws EtlException of kind {@code SLOT_LOST} if the table has to be copied again
   */
  public @Nullable Event decide(Event event) {
    Lsn commit = event.transaction().commitLsn();
    if (isBehind(commit) || isOfOtherTable(event)) {
      return event;
    }
    if (event instanceof Event.Insert insert) {
      return isContained(commit, key(insert.row())) ? null : insert;
    }
    if (event instanceof Event.Update update) {
      return update(commit, update);
    }
    if (event instanceof Event.Delete delete) {
      return isContained(commit, key(delete.oldRow().row())) ? null : delete;
    }
    refuse(event);
    return event;
  }

  private boolean isOfOtherTable(Event event) {
    return event instanceof Event.OfTable of && !of.table().id().equals(table);
  }

  private void refuse(Event event) {
    if (event instanceof Event.Truncate truncate && truncate.concerns(table)) {
      throw startOver("it was truncated before all of its ranges were copied");
    }
    if (event instanceof Event.Relation) {
      throw startOver("its columns were changed before all of its ranges were copied");
    }
  }

  private @Nullable Event update(Lsn commit, Event.Update update) {
    KeyOrder.Key after = keyAfter(update);
    KeyOrder.Key before = keyBefore(update, after);
    boolean hasOld = isContained(commit, before);
    boolean hasNew = isContained(commit, after);
    if (hasOld == hasNew) {
      return hasOld ? null : update;
    }
    return hasNew ? delete(update) : insert(update);
  }

  private Event delete(Event.Update update) {
    Event.OldRow old = update.oldRow();
    if (old == null) {
      throw startOver("a key was changed, and the old one is not known");
    }
    return new Event.Delete(update.transaction(), update.txOrdinal(), update.table(), old);
  }

  private Event insert(Event.Update update) {
    TableRow row = update.row();
    if (row.presentCount() < row.columnCount()) {
      throw startOver("a row moved from one range into another without a large value");
    }
    return new Event.Insert(update.transaction(), update.txOrdinal(), update.table(), row);
  }

  /** {@return the key of the new row} One that did not change may be in the old row only. */
  private KeyOrder.Key keyAfter(Event.Update update) {
    TableRow row = update.row();
    Event.OldRow old = update.oldRow();
    return key(old == null || row.isPresent(row.index(column)) ? row : old.row());
  }

  private KeyOrder.Key keyBefore(Event.Update update, KeyOrder.Key after) {
    Event.OldRow old = update.oldRow();
    return old == null ? after : key(old.row());
  }

  private KeyOrder.Key key(TableRow row) {
    int index = row.index(column);
    if (!row.isPresent(index) || row.isNull(index)) {
      throw startOver("a change does not name the key of its row");
    }
    return order.key(row, index);
  }

  private boolean isContained(Lsn commit, KeyOrder.Key key) {
    return commit.isBefore(positions.get(range(key)));
  }

  /** {@return the range a key lies in} A key that is an end belongs to the range behind it. */
  private int range(KeyOrder.Key key) {
    int at = Collections.binarySearch(ends, key);
    return at >= 0 ? at + 1 : -at - 1;
  }

  private EtlException startOver(String why) {
    return new EtlException(
        ErrorKind.SLOT_LOST, "the copy of table " + name + " cannot be continued: " + why);
  }
}
