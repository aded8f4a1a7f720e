package dev.pgetl.destination.http;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.INT8;
import static dev.pgetl.testkit.data.TestTable.TEXT;
import static dev.pgetl.testkit.data.TestTable.row;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Tables, rows and events for tests. */
final class Data {
  static final Lsn VERSION = Lsn.parse("0/16B3748");
  static final TableSchema USERS =
      TestTable.named("users")
          .id(16385)
          .version(VERSION)
          .key("id", INT8)
          .column("name", TEXT)
          .column("balance", PgType.base(1700, "numeric"))
          .build();
  static final TableSchema ORDERS =
      TestTable.named("orders")
          .id(16390)
          .version(VERSION)
          .key("id", INT8)
          .column("note", TEXT)
          .build();

  private Data() {}

  static TableSchema at(TableSchema table, Lsn snapshot) {
    return table.toBuilder().snapshotLsn(snapshot).build();
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
