package dev.pgetl.internal.range;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.range.SampleTable.Row;
import dev.pgetl.internal.range.SampleTable.RowKey;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ranges of {@link SampleTable}, and events about it. The slot is at {@link #SLOT}. */
final class RangeEvents {
  static final long SLOT = 100;
  static final TableSchema VERSION = SampleTable.version(ReplicaIdentity.DEFAULT);
  static final TableSchema FULL = SampleTable.version(ReplicaIdentity.FULL);
  static final TableSchema OTHER =
      SampleTable.version(ReplicaIdentity.DEFAULT, new TableId(7), new TableName("public", "o"));

  private RangeEvents() {}

  /**
   * {@return finished ranges}
   *
   * @param positionsAndEnds the position of the first range, its end, the position of the next one
   *     and so on; the last one has no end
   */
  static CopyRanges ranges(long... positionsAndEnds) {
    List<KeyRange> keys = new ArrayList<>();
    String from = null;
    for (int i = 1; i < positionsAndEnds.length; i += 2) {
      String to = Long.toString(positionsAndEnds[i]);
      keys.add(range(from, to));
      from = to;
    }
    keys.add(range(from, null));
    CopyRanges ranges = CopyRanges.planned(SampleTable.origin(new Lsn(SLOT)), keys);
    for (int i = 0; i < keys.size(); i++) {
      ranges = ranges.begun(i).finished(i, new Lsn(positionsAndEnds[2 * i]), 0, 0);
    }
    return ranges;
  }

  static KeyRange range(@Nullable String from, @Nullable String to) {
    return new KeyRange(SampleTable.KEY, from, to);
  }

  /** {@return a row with all values} */
  static TableRow row(long id) {
    return new Row(id, 0, "small", SampleTable.EXTERNAL).in(VERSION);
  }

  /** {@return a row that was stored out of line and did not change there} */
  static TableRow rowWithoutLarge(long id) {
    return new Row(id, 0, "small", SampleTable.EXTERNAL).withoutLarge(VERSION);
  }

  static OldRow key(long id) {
    return new OldRow(OldRowKind.KEY, new RowKey(id, 0).in(VERSION));
  }

  static OldRow key(TableRow row) {
    return new OldRow(OldRowKind.KEY, row);
  }

  static OldRow full(long id) {
    return new OldRow(OldRowKind.FULL, row(id));
  }

  static Transaction transaction(long commit) {
    return new Transaction(new Lsn(commit), Instant.EPOCH, 700);
  }

  static Event insert(long commit, TableRow row) {
    return new Event.Insert(transaction(commit), 3, row.table(), row);
  }

  static Event update(long commit, TableRow row) {
    return new Event.Update(transaction(commit), 3, row.table(), row, null);
  }

  static Event update(long commit, OldRow old, TableRow row) {
    return new Event.Update(transaction(commit), 3, row.table(), row, old);
  }

  static Event delete(long commit, OldRow old) {
    return new Event.Delete(transaction(commit), 3, old.row().table(), old);
  }

  static Event truncate(long commit, TableSchema... tables) {
    return new Event.Truncate(transaction(commit), 3, List.of(tables), false, false);
  }

  static Event relation(long commit, TableSchema version) {
    return new Event.Relation(transaction(commit), 3, version);
  }
}
