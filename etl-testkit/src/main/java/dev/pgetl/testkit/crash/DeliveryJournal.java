package dev.pgetl.testkit.crash;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Records every delivery durably before it passes it on; every removal of a range, and the begin
 * and end of a replacement, after it was done. One line per entry, ended by a mark, so that a torn
 * line is detected. {@link DeliveryLog} reads it.
 */
final class DeliveryJournal implements Destination {
  static final String END = "\t.";

  private final FileChannel file;
  private final Optional<Destination> next;
  private final Object lock = new Object();

  DeliveryJournal(Path path, Optional<Destination> next) {
    this.next = next;
    try {
      file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A process begins: its position, and the tables that the apply worker owns. */
  void started(Lsn position, List<TableId> ready) {
    String tables = ready.stream().map(TableId::toString).collect(Collectors.joining(","));
    append("\nS\t" + position + "\t" + tables + END + "\n");
  }

  /** A stream of this process reconnects. */
  void reconnects() {
    append("C" + END + "\n");
  }

  @Override
  public void startup() {
    next.ifPresent(Destination::startup);
  }

  @Override
  public Optional<Destination> wrapped() {
    return next;
  }

  @Override
  public List<Finding> diagnose() {
    return next.map(Destination::diagnose).orElse(List.of());
  }

  @Override
  public boolean refusesWholeCalls() {
    return next.map(Destination::refusesWholeCalls).orElse(false);
  }

  @Override
  public long wholeTransactionBytes() {
    return next.map(Destination::wholeTransactionBytes).orElse(0L);
  }

  @Override
  public void beginEpoch(Epoch epoch) {
    next.ifPresent(destination -> destination.beginEpoch(epoch));
  }

  @Override
  public void tablesPublished(List<NamedTable> tables) {
    next.ifPresent(destination -> destination.tablesPublished(tables));
  }

  @Override
  public void truncateTable(TableSchema table) {
    truncateTable(table, table);
  }

  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema coming) {
    append("X\t" + coming.id() + END + "\n");
    next.ifPresent(destination -> destination.truncateTable(last, coming));
  }

  /** Without a next destination, every second table is replaced. */
  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema coming) {
    boolean kept =
        next.map(destination -> destination.beginReplacement(last, coming))
            .orElse(coming.snapshotLsn().value() / Long.BYTES % 2 == 0);
    if (kept) {
      append("P\t" + coming.id() + "\t" + coming.snapshotLsn() + END + "\n");
    }
    return kept;
  }

  @Override
  public boolean continueReplacement(TableSchema coming) {
    return next.map(destination -> destination.continueReplacement(coming)).orElse(true);
  }

  @Override
  public void tableCopied(TableSchema table) {
    next.ifPresent(destination -> destination.tableCopied(table));
    append("E\t" + table.id() + "\t" + table.snapshotLsn() + END + "\n");
  }

  /** The next destination may decline: then nothing was removed. */
  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    boolean removed = next.map(destination -> destination.removeRange(table, range)).orElse(true);
    if (removed) {
      int column = table.indexOf(range.column());
      PgType type = table.column(column).type().baseType();
      append(
          String.join(
                  "\t",
                  "V",
                  table.id().toString(),
                  Integer.toString(column),
                  Long.toString(type.oid()),
                  type.name(),
                  encoded(range.from()),
                  encoded(range.to()),
                  table.snapshotLsn().toString())
              + END
              + "\n");
    }
    return removed;
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    return next.flatMap(destination -> destination.lastApplied(table));
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    StringBuilder lines = new StringBuilder();
    for (TableRow row : rows) {
      lines
          .append("R\t")
          .append(table.id())
          .append('\t')
          .append(values(row))
          .append('\t')
          .append(table.snapshotLsn())
          .append(END)
          .append('\n');
    }
    append(lines.toString());
    return next.map(destination -> destination.writeTableRows(table, rows))
        .orElse(WriteResult.DURABLE);
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    StringBuilder lines = new StringBuilder();
    events.forEach(event -> line(event, lines));
    append(lines.toString());
    return next.map(destination -> destination.writeEvents(events)).orElse(WriteResult.DURABLE);
  }

  @Override
  public void flush() {
    next.ifPresent(Destination::flush);
  }

  private static void line(Event event, StringBuilder lines) {
    if (event instanceof Event.Truncate truncate) {
      truncate.tables().forEach(table -> line('T', event, table, "", lines));
    } else if (event instanceof Event.Insert insert) {
      line('I', event, insert.table(), "\t" + values(insert.row()), lines);
    } else if (event instanceof Event.Update update) {
      Event.OldRow old = update.oldRow();
      String oldValues = old == null ? "" : values(old.row());
      line('U', event, update.table(), "\t" + values(update.row()) + "\t" + oldValues, lines);
    } else if (event instanceof Event.Delete delete) {
      line('D', event, delete.table(), "\t" + values(delete.oldRow().row()), lines);
    }
  }

  private static void line(
      char kind, Event event, TableSchema table, String values, StringBuilder lines) {
    lines
        .append(kind)
        .append('\t')
        .append(table.id())
        .append('\t')
        .append(event.transaction().commitLsn())
        .append('\t')
        .append(event.txOrdinal())
        .append(values)
        .append(END)
        .append('\n');
  }

  private static String values(TableRow row) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < row.table().columnCount(); i++) {
      text.append(i == 0 ? "" : ",").append(row.isPresent(i) ? encoded(row.text(i)) : "-");
    }
    return text.toString();
  }

  private static String encoded(@Nullable String text) {
    return text == null
        ? "~"
        : "="
            + Base64.getEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void append(String lines) {
    synchronized (lock) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(false);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    next.ifPresent(Destination::close);
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
