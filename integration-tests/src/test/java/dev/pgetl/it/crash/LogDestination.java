package dev.pgetl.it.crash;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;

/**
 * Appends everything to a file and syncs it before it answers. One line per thing, ended by a mark,
 * so that a torn line is seen.
 */
final class LogDestination implements Destination {
  static final String END = "\t.";

  private final FileChannel file;
  private final Object lock = new Object();

  LogDestination(Path path) {
    try {
      file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A process begins: which tables are with the main stream, and from where it goes on. */
  void started(String position, List<TableId> ready) {
    append(
        "\n"
            + "S\t"
            + position
            + "\t"
            + String.join(",", ready.stream().map(TableId::toString).toList())
            + END
            + "\n");
  }

  @Override
  public void truncateTable(TableSchema table) {
    append("X\t" + table.id() + END + "\n");
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    StringBuilder lines = new StringBuilder();
    rows.forEach(
        row ->
            lines
                .append("R\t")
                .append(table.id())
                .append('\t')
                .append(values(row))
                .append(END)
                .append('\n'));
    append(lines.toString());
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    StringBuilder lines = new StringBuilder();
    events.forEach(event -> line(event, lines));
    append(lines.toString());
    return WriteResult.DURABLE;
  }

  private static void line(Event event, StringBuilder lines) {
    if (event instanceof Event.Truncate truncate) {
      truncate.tables().forEach(table -> begin(event, table, 'T', lines).append(END).append('\n'));
    } else if (event instanceof Event.Insert insert) {
      begin(event, insert.table(), 'I', lines)
          .append('\t')
          .append(values(insert.row()))
          .append(END)
          .append('\n');
    } else if (event instanceof Event.Update update) {
      Event.OldRow old = update.oldRow();
      begin(event, update.table(), 'U', lines)
          .append('\t')
          .append(values(update.row()))
          .append('\t');
      lines.append(old == null ? "" : values(old.row())).append(END).append('\n');
    } else if (event instanceof Event.Delete delete) {
      begin(event, delete.table(), 'D', lines)
          .append('\t')
          .append(values(delete.oldRow().row()))
          .append(END)
          .append('\n');
    }
  }

  private static StringBuilder begin(
      Event event, TableSchema table, char kind, StringBuilder lines) {
    return lines
        .append(kind)
        .append('\t')
        .append(table.id())
        .append('\t')
        .append(event.transaction().commitLsn())
        .append('\t')
        .append(event.txOrdinal());
  }

  private static String values(TableRow row) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < row.table().columnCount(); i++) {
      text.append(i == 0 ? "" : ",").append(!row.isPresent(i) ? "-" : encoded(row.text(i)));
    }
    return text.toString();
  }

  private static String encoded(@org.jspecify.annotations.Nullable String text) {
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
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
