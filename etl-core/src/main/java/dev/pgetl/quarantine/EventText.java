package dev.pgetl.quarantine;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.event.EventSequence;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A change of a row as text, and back. Stateless. */
final class EventText {
  private static final String VERSION = "1";
  private static final String ABSENT = "a";
  private static final String VALUE = "v";
  private static final String NO_ROW = "-";

  private EventText() {}

  static QuarantinedEvent write(Event.RowChange change, boolean refused) {
    TableSchema table = change.table();
    return new QuarantinedEvent(
        table.id(), table.name(), change.sequence(), refused, null, text(change));
  }

  private static String text(Event.RowChange change) {
    TextFields text = new TextFields().add(VERSION);
    RowKeys keys = RowKeys.of(change);
    text.add(keys.columns()).add(keys.keys().size());
    keys.keys().forEach(text::add);
    text.add(shape(change.table()));
    text.add(change.transaction().xid()).add(change.transaction().commitTime().toString());
    if (change instanceof Event.Insert insert) {
      write(text.add("I"), insert.row());
    } else if (change instanceof Event.Update update) {
      write(text.add("U"), update.row());
      write(text, update.oldRow());
    } else if (change instanceof Event.Delete delete) {
      write(text.add("D"), delete.oldRow());
    }
    return text.toString();
  }

  private static void write(TextFields text, @Nullable OldRow old) {
    if (old == null) {
      text.add(NO_ROW);
    } else {
      write(text.add(old.kind().name()), old.row());
    }
  }

  private static void write(TextFields text, TableRow row) {
    for (int i = 0; i < row.columnCount(); i++) {
      if (row.isPresent(i)) {
        text.add(VALUE).add(row.text(i));
      } else {
        text.add(ABSENT);
      }
    }
  }

  /** What of a version decides how its rows are read; numbers of columns may be unknown. */
  private static String shape(TableSchema table) {
    TextFields shape = new TextFields();
    shape.add(table.replicaIdentity().name()).add(table.columnCount());
    for (ColumnSchema column : table.columns()) {
      shape.add(column.name()).add(column.type().oid()).add(column.modifier());
      shape.add(column.inReplicaIdentity() ? 1 : 0).add(column.attributeNumber());
    }
    return shape.toString();
  }

  /** {@return which rows an event concerns} */
  static RowKeys keys(QuarantinedEvent event) {
    try {
      return keys(begin(event));
    } catch (IllegalArgumentException e) {
      throw unreadable(event, e);
    }
  }

  /** {@return when an event was committed in the source} */
  static Instant commitTime(QuarantinedEvent event) {
    try {
      TextFields text = begin(event);
      RowKeys unusedKeys = keys(text);
      String unusedShape = text.required();
      String unusedXid = text.required();
      return Instant.parse(text.required());
    } catch (IllegalArgumentException | DateTimeException e) {
      throw unreadable(event, e);
    }
  }

  private static TextFields begin(QuarantinedEvent event) {
    TextFields text = new TextFields(event.content());
    if (!text.required().equals(VERSION)) {
      throw new IllegalArgumentException("an unknown version");
    }
    return text;
  }

  private static RowKeys keys(TextFields text) {
    String columns = text.required();
    Set<String> keys = new TreeSet<>();
    for (int left = text.number(); left > 0; left--) {
      keys.add(text.required());
    }
    return new RowKeys(columns, keys);
  }

  /** {@return whether the rows of an event can be rows of a version} */
  static boolean fits(QuarantinedEvent event, TableSchema version) {
    TextFields text = begin(event);
    RowKeys unused = keys(text);
    return isShape(new TextFields(text.required()), version);
  }

  private static boolean isShape(TextFields shape, TableSchema version) {
    boolean same =
        shape.required().equals(version.replicaIdentity().name())
            && shape.number() == version.columnCount();
    for (int i = 0; same && i < version.columnCount(); i++) {
      ColumnSchema column = version.column(i);
      same =
          shape.required().equals(column.name())
              && shape.required().equals(Long.toString(column.type().oid()))
              && shape.number() == column.modifier()
              && shape.number() == (column.inReplicaIdentity() ? 1 : 0)
              && isNumber(shape.number(), column.attributeNumber());
    }
    return same;
  }

  private static boolean isNumber(int before, int now) {
    return before == now || before == 0 || now == 0;
  }

  /**
   * {@return the event with another key}
   *
   * @param version the version of the table that the destination knows; the event fits it
   * @param key its place in the stream
   */
  static Event.RowChange read(QuarantinedEvent event, TableSchema version, EventSequence key) {
    try {
      TextFields text = begin(event);
      RowKeys unusedKeys = keys(text);
      String unusedShape = text.required();
      long xid = Long.parseLong(text.required());
      Instant time = Instant.parse(text.required());
      Transaction transaction = new Transaction(key.commitLsn(), time, xid);
      return read(text, transaction, key.txOrdinal(), version);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw unreadable(event, e);
    }
  }

  private static Event.RowChange read(
      TextFields text, Transaction transaction, long ordinal, TableSchema version) {
    return switch (text.required()) {
      case "I" -> new Event.Insert(transaction, ordinal, version, row(text, version));
      case "U" -> {
        TableRow row = row(text, version);
        yield new Event.Update(transaction, ordinal, version, row, oldRow(text, version));
      }
      case "D" -> {
        OldRow old = oldRow(text, version);
        if (old == null) {
          throw new IllegalArgumentException("a row is missing");
        }
        yield new Event.Delete(transaction, ordinal, version, old);
      }
      default -> throw new IllegalArgumentException("an unknown kind of event");
    };
  }

  private static @Nullable OldRow oldRow(TextFields text, TableSchema version) {
    String kind = text.required();
    return kind.equals(NO_ROW) ? null : new OldRow(OldRowKind.valueOf(kind), row(text, version));
  }

  private static TableRow row(TextFields text, TableSchema version) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] bounds = new int[2 * version.columnCount()];
    for (int i = 0; i < version.columnCount(); i++) {
      bounds[2 * i] = bytes.size();
      if (text.required().equals(ABSENT)) {
        bounds[2 * i + 1] = WireRow.ABSENT;
        continue;
      }
      String value = text.next();
      if (value == null) {
        bounds[2 * i + 1] = WireRow.NULL;
      } else {
        bytes.writeBytes(value.getBytes(StandardCharsets.UTF_8));
        bounds[2 * i + 1] = bytes.size() - bounds[2 * i];
      }
    }
    return WireRow.of(version, bytes.toByteArray(), bounds);
  }

  /** The cause may hold a value. */
  private static EtlException unreadable(QuarantinedEvent event, RuntimeException cause) {
    return new EtlException(
        ErrorKind.STORE_CORRUPT,
        "reading " + event + " from the quarantine failed: " + cause.getClass().getSimpleName());
  }
}
