package dev.pgetl.it;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The destination of a child JVM: keeps no data, and appends a few lines to a file for each call
 * before it answers, so that the parent knows what was delivered when the child has died.
 */
final class CallJournal implements Destination {
  private final Path file;
  private final Runnable afterRows;
  private final Runnable beforeEvents;
  private long inserts;
  private final long haltAfterInserts;

  CallJournal(Path file, Runnable afterRows, Runnable beforeEvents, long haltAfterInserts) {
    this.file = file;
    this.afterRows = afterRows;
    this.beforeEvents = beforeEvents;
    this.haltAfterInserts = haltAfterInserts;
  }

  /**
   * What was written in one call.
   *
   * @param bytes of all texts in it
   * @param begins how many transactions began
   * @param commits how many transactions ended
   * @param runs its inserts
   */
  record Write(long bytes, int begins, int commits, List<Run> runs) {}

  /**
   * Inserts of one transaction without a gap between them.
   *
   * @param commitLsn the transaction
   * @param first ordinal of the first
   * @param last ordinal of the last
   */
  record Run(Lsn commitLsn, long first, long last) {
    long count() {
      return (last - first) / 2 + 1;
    }
  }

  @Override
  public void truncateTable(TableSchema table) {
    append("TRUNCATE " + table.name().name() + "\n");
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    append("ROWS " + table.name().name() + " " + rows.size() + "\n");
    afterRows.run();
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    beforeEvents.run();
    append(described(events));
    if (inserts >= haltAfterInserts) {
      Runtime.getRuntime().halt(ChildPipeline.HALTED);
    }
    return WriteResult.DURABLE;
  }

  private String described(List<Event> events) {
    long bytes = 0;
    long begins = 0;
    long commits = 0;
    List<Run> runs = new ArrayList<>();
    for (Event event : events) {
      begins += event instanceof Event.Begin ? 1 : 0;
      commits += event instanceof Event.Commit ? 1 : 0;
      if (event instanceof Event.Insert insert) {
        bytes += bytes(insert.row());
        inserts++;
        add(insert, runs);
      }
    }
    StringBuilder line = new StringBuilder("EVENTS " + bytes + " " + begins + " " + commits);
    runs.forEach(
        run ->
            line.append(' ')
                .append(run.commitLsn())
                .append(' ')
                .append(run.first())
                .append(' ')
                .append(run.last()));
    return line.append('\n').toString();
  }

  private static void add(Event.Insert insert, List<Run> runs) {
    Lsn commitLsn = insert.transaction().commitLsn();
    Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
    if (last != null
        && last.commitLsn().equals(commitLsn)
        && last.last() + 2 == insert.txOrdinal()) {
      runs.set(runs.size() - 1, new Run(commitLsn, last.first(), insert.txOrdinal()));
    } else {
      runs.add(new Run(commitLsn, insert.txOrdinal(), insert.txOrdinal()));
    }
  }

  private static long bytes(TableRow row) {
    long bytes = 0;
    for (int i = 0; i < row.columnCount(); i++) {
      var text = row.textBytes(i);
      bytes += text == null ? 0 : text.remaining();
    }
    return bytes;
  }

  private void append(String lines) {
    try {
      Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the writes of events; a line that was cut short is left out. */
  static List<Write> writes(Path file) {
    try {
      String text = Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
      return text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .filter(line -> line.startsWith("EVENTS "))
          .map(line -> write(line.split(" ")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Write write(String[] words) {
    List<Run> runs = new ArrayList<>();
    for (int i = 4; i < words.length; i += 3) {
      runs.add(
          new Run(Lsn.parse(words[i]), Long.parseLong(words[i + 1]), Long.parseLong(words[i + 2])));
    }
    return new Write(
        Long.parseLong(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]), runs);
  }
}
