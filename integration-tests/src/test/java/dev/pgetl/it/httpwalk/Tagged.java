package dev.pgetl.it.httpwalk;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tags each call of the destination under test. Thread-safe. */
final class Tagged implements Destination {
  private static final ThreadLocal<Tag> CURRENT = new ThreadLocal<>();

  private final int instance;
  private final Ears ears;
  private final AtomicLong calls = new AtomicLong();
  private final Map<TableId, Long> taken = new ConcurrentHashMap<>();
  private final Map<TableId, Long> truncations = new ConcurrentHashMap<>();
  private final Destination tagged;

  /** The destination is given the headers that it is to send. */
  Tagged(
      int instance, Ears ears, Function<Supplier<Map<String, String>>, Destination> destination) {
    this.instance = instance;
    this.ears = ears;
    this.tagged = destination.apply(() -> CURRENT.get().headers());
  }

  private <T> T call(String batch, Supplier<T> work) {
    CURRENT.set(new Tag(instance, calls.incrementAndGet(), batch));
    try {
      return work.get();
    } catch (RuntimeException e) {
      ears.hear("exception", e);
      throw e;
    } finally {
      CURRENT.remove();
    }
  }

  private void run(String batch, Runnable work) {
    boolean unused =
        call(
            batch,
            () -> {
              work.run();
              return true;
            });
  }

  @Override
  public String name() {
    return tagged.name();
  }

  @Override
  public void startup() {
    run("startup", tagged::startup);
  }

  @Override
  public void beginEpoch(Epoch epoch) {
    run("epoch", () -> tagged.beginEpoch(epoch));
  }

  @Override
  public void tablesPublished(List<NamedTable> tables) {
    run("tables", () -> tagged.tablesPublished(tables));
  }

  @Override
  public void truncateTable(TableSchema table) {
    truncateTable(null, table);
  }

  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema next) {
    run("truncate " + next.id(), () -> tagged.truncateTable(last, next));
    begun(next);
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    boolean replaces = call("replace " + next.id(), () -> tagged.beginReplacement(last, next));
    if (replaces) {
      begun(next);
    }
    return replaces;
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return call("continue " + next.id(), () -> tagged.continueReplacement(next));
  }

  private void begun(TableSchema next) {
    truncations.merge(next.id(), 1L, Long::sum);
    taken.put(next.id(), 0L);
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    return call("remove " + table.id(), () -> tagged.removeRange(table, range));
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    TableId id = table.id();
    long before = taken.getOrDefault(id, 0L);
    String batch =
        String.join(" ", "rows", "" + id, "" + truncations.get(id), "" + before, "" + rows.size());
    WriteResult result = call(batch, () -> tagged.writeTableRows(table, rows));
    taken.merge(id, (long) rows.size(), Long::sum);
    return result;
  }

  @Override
  public void tableCopied(TableSchema table) {
    run(
        "copied " + table.id() + " " + truncations.get(table.id()),
        () -> tagged.tableCopied(table));
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    List<String> keys = events.stream().map(Tagged::identity).toList();
    String first = keys.isEmpty() ? "" : keys.get(0);
    return call(
        first + " " + keys.size() + " " + keys.hashCode(), () -> tagged.writeEvents(events));
  }

  /** Streams may deliver the same truncation, each for its own tables. */
  private static String identity(Event event) {
    return event instanceof Event.Truncate truncate
        ? event.sequence() + " " + truncate.tables().stream().map(TableSchema::id).toList()
        : event.sequence().toString();
  }

  @Override
  public void flush() {
    run("flush", tagged::flush);
  }

  @Override
  public void close() {
    tagged.close();
  }
}
