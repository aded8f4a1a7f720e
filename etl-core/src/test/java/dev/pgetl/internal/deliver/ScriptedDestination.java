package dev.pgetl.internal.deliver;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers calls as told, and with {@code DURABLE} when nothing is left to tell. */
final class ScriptedDestination implements Destination {
  private final List<List<Event>> writes = new ArrayList<>();
  private final Queue<Supplier<@Nullable WriteResult>> script = new ArrayDeque<>();
  private int flushes;

  /** What the next call answers that has no answer yet. */
  ScriptedDestination then(Supplier<@Nullable WriteResult> answer) {
    script.add(answer);
    return this;
  }

  ScriptedDestination thenThrow(RuntimeException failure) {
    return then(
        () -> {
          throw failure;
        });
  }

  ScriptedDestination thenThrow(Error failure) {
    return then(
        () -> {
          throw failure;
        });
  }

  /** {@return the lists of events it was called with, failed calls included} */
  List<List<Event>> writes() {
    return writes;
  }

  int flushes() {
    return flushes;
  }

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  @SuppressWarnings("NullAway") // a destination that breaks its contract
  public WriteResult writeEvents(List<Event> events) {
    writes.add(events);
    return script.isEmpty() ? WriteResult.DURABLE : script.remove().get();
  }

  @Override
  public void flush() {
    flushes++;
    if (!script.isEmpty()) {
      var unused = script.remove().get();
    }
  }

  @Override
  public void truncateTable(TableSchema table) {
    throw new UnsupportedOperationException();
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    throw new UnsupportedOperationException();
  }
}
