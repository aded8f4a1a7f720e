package dev.pgetl.internal.deliver;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Events to deliver. */
final class SampleEvents {
  private SampleEvents() {}

  static Transaction transaction(long commitLsn) {
    return new Transaction(new Lsn(commitLsn), Instant.EPOCH, 1);
  }

  static Event begin(long commitLsn) {
    return new Event.Begin(transaction(commitLsn));
  }

  static Event insert(long commitLsn, long ordinal, long oid) {
    return new Event.Insert(transaction(commitLsn), ordinal, table(oid), row(oid));
  }

  static Event.Truncate truncate(long commitLsn, long... oids) {
    List<TableSchema> tables = Arrays.stream(oids).mapToObj(SampleEvents::table).toList();
    return new Event.Truncate(transaction(commitLsn), 2, tables, true, true);
  }

  static Event commit(long commitLsn, long ordinal) {
    return new Event.Commit(transaction(commitLsn), ordinal, new Lsn(commitLsn + 1));
  }

  static TableSchema table(long oid) {
    return TableSchema.builder(new TableId(oid), new TableName("public", "t" + oid)).build();
  }

  static TableRow row(long oid) {
    return WireRow.of(table(oid), new byte[0], new int[0]);
  }

  /** A row of one column that holds a number. */
  static TableRow numbered(long oid, int number) {
    ColumnSchema column = ColumnSchema.of("n", PgType.base(25, "text"));
    byte[] text = Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    return WireRow.of(
        table(oid).toBuilder().columns(List.of(column)).build(), text, new int[] {0, text.length});
  }
}
