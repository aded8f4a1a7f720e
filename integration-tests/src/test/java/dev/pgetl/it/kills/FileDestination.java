package dev.pgetl.it.kills;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A destination in files, whose process may be killed at any instruction. By chance a half of the
 * calls is merely accepted, and a half of that waits in memory for the next flush: a kill loses it.
 */
final class FileDestination implements Destination {
  /** Where removed ranges are noted: number of the process, table, bounds, rows that were there. */
  static final String RANGES = "ranges";

  private final Path directory;
  private final Map<String, TableFiles> tables;
  private final Random random;
  private final int process;
  private final Object lock = new Object();

  FileDestination(Path directory, Map<String, TableFiles> tables, int process, Random random) {
    this.directory = directory;
    this.tables = Map.copyOf(tables);
    this.process = process;
    this.random = random;
  }

  private TableFiles table(TableSchema table) {
    return Objects.requireNonNull(tables.get(table.name().name()));
  }

  /** Something that concerns the keys of all tables. */
  void reconnected() {
    synchronized (lock) {
      tables.values().forEach(table -> table.mark(EventFile.Kind.RECONNECTED, EventKey.NONE));
    }
  }

  @Override
  public void truncateTable(TableSchema table) {
    synchronized (lock) {
      table(table).truncate();
    }
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    synchronized (lock) {
      long removed = table(table).removeRange(from(range), to(range));
      note(table.name().name() + " " + from(range) + " " + to(range) + " " + removed);
      return true;
    }
  }

  private static long from(KeyRange range) {
    String from = range.from();
    return from == null ? Long.MIN_VALUE : Long.parseLong(from);
  }

  private static long to(KeyRange range) {
    String to = range.to();
    return to == null ? Long.MAX_VALUE : Long.parseLong(to);
  }

  private void note(String range) {
    try {
      Files.writeString(
          directory.resolve(RANGES),
          process + " " + range + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    synchronized (lock) {
      boolean accept = random.nextBoolean();
      table(table).copied(rows, accept && random.nextBoolean());
      return accept ? WriteResult.ACCEPTED : WriteResult.DURABLE;
    }
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    synchronized (lock) {
      boolean accept = random.nextBoolean();
      boolean later = accept && random.nextBoolean();
      Set<TableFiles> met = new LinkedHashSet<>();
      for (Event event : events) {
        TableFiles table = changed(event);
        if (table != null) {
          table.deliver(event);
          met.add(table);
        }
      }
      met.forEach(table -> table.delivered(later));
      return accept ? WriteResult.ACCEPTED : WriteResult.DURABLE;
    }
  }

  /** {@return the table whose row an event changes; null for another event} */
  private @Nullable TableFiles changed(Event event) {
    return event instanceof Event.OfTable change && !(event instanceof Event.Relation)
        ? table(change.table())
        : null;
  }

  @Override
  public void flush() {
    synchronized (lock) {
      tables.values().forEach(TableFiles::flush);
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      tables.values().forEach(TableFiles::close);
    }
  }
}
