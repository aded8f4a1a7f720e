package dev.pgetl.destination.http;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Tables, rows and events for tests. */
final class Data {
  /** Stands for a column Postgres did not send. */
  static final String ABSENT = "\0absent";

  static final PgType INT8 = PgType.base(20, "int8");
  static final PgType TEXT = PgType.base(25, "text");
  static final PgType NUMERIC = PgType.base(1700, "numeric");

  static final TableSchema USERS =
      table(16385, "users", key("id", INT8), column("name", TEXT), column("balance", NUMERIC));
  static final TableSchema ORDERS = table(16390, "orders", key("id", INT8), column("note", TEXT));

  private Data() {}

  static TableSchema table(long oid, String name, ColumnSchema... columns) {
    return new TableSchema(
        new TableId(oid),
        new TableName("public", name),
        Lsn.parse("0/16B3748"),
        ReplicaIdentity.DEFAULT,
        List.of(columns));
  }

  static TableSchema at(TableSchema table, Lsn snapshot) {
    return new TableSchema(
        table.id(), table.name(), snapshot, table.replicaIdentity(), table.columns());
  }

  static ColumnSchema key(String name, PgType type) {
    return new ColumnSchema(name, type, -1, true, 1, false, 1, null);
  }

  static ColumnSchema column(String name, PgType type) {
    return ColumnSchema.of(name, type);
  }

  /** {@return a row of the texts Postgres would send} */
  static TableRow row(TableSchema table, @Nullable String... texts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] bounds = new int[2 * texts.length];
    for (int i = 0; i < texts.length; i++) {
      String text = texts[i];
      bounds[2 * i] = bytes.size();
      if (text == null || text.equals(ABSENT)) {
        bounds[2 * i + 1] = text == null ? TableRow.NULL : TableRow.ABSENT;
      } else {
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        bounds[2 * i + 1] = bytes.size() - bounds[2 * i];
      }
    }
    return TableRow.ofWireText(table, bytes.toByteArray(), bounds);
  }

  static List<TableRow> users(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> row(USERS, "" + i, "user " + i, "1.50"))
        .toList();
  }

  static Transaction transaction(long commitLsn) {
    return new Transaction(
        new Lsn(commitLsn), Instant.parse("2026-01-02T03:04:05.123456Z"), 4_000_000_000L);
  }

  static Event.Insert insert(Transaction transaction, long ordinal, TableRow row) {
    return new Event.Insert(transaction, ordinal, row.table(), row);
  }

  /** {@return a transaction that inserts users with these ids} */
  static List<Event> inserts(long commitLsn, int... ids) {
    Transaction transaction = transaction(commitLsn);
    List<Event> events = new ArrayList<>();
    events.add(new Event.Begin(transaction));
    for (int id : ids) {
      events.add(insert(transaction, events.size(), row(USERS, "" + id, "user " + id, "1.50")));
    }
    events.add(new Event.Commit(transaction, events.size(), new Lsn(commitLsn + 48)));
    return events;
  }

  /** {@return one event of every kind} */
  static List<Event> everyKind() {
    Transaction tx = transaction(0x16B374D848L);
    TableRow ann = row(USERS, "1", "Ann", "1.50");
    return List.of(
        new Event.Begin(tx),
        new Event.Relation(tx, 1, USERS),
        insert(tx, 2, ann),
        new Event.Update(tx, 3, USERS, row(USERS, "1", ABSENT, null), null),
        new Event.Update(
            tx,
            4,
            USERS,
            row(USERS, "2", "Bob", "2"),
            new Event.OldRow(Event.OldRowKind.KEY, row(USERS, "1", ABSENT, ABSENT))),
        new Event.Delete(tx, 5, USERS, new Event.OldRow(Event.OldRowKind.FULL, ann)),
        new Event.Truncate(tx, 6, List.of(USERS, ORDERS), true, false),
        new Event.Message(
            tx,
            7,
            true,
            new Lsn(0x16B374D800L),
            "audit",
            ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8))),
        new Event.Commit(tx, 8, new Lsn(0x16B374D878L)));
  }
}
