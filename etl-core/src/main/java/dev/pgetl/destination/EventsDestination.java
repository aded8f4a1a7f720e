package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventHandler;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Gives events to a handler, one by one, and takes no rows of copies. */
final class EventsDestination implements Destination {
  private static final int NAMES_SHOWN = 5;

  private final EventHandler handler;

  /** What the handler took of a call that failed: a retry has the same thread. */
  @SuppressWarnings("ThreadLocalUsage") // each destination has its own, for as long as it lives
  private final ThreadLocal<Handled> handled = new ThreadLocal<>();

  private volatile @Nullable Epoch epoch;

  /**
   * Events of one call.
   *
   * @param first the first of them; a call that begins before it is another one
   * @param last the last of them
   */
  private record Handled(EventSequence first, EventSequence last) {
    boolean isOfAnother(Event begin) {
      return begin.sequence().compareTo(first) < 0;
    }

    boolean has(EventSequence key) {
      return key.compareTo(first) >= 0 && key.compareTo(last) <= 0;
    }
  }

  EventsDestination(EventHandler handler) {
    this.handler = Objects.requireNonNull(handler, "handler");
  }

  @Override
  public String name() {
    return "events";
  }

  @Override
  public void beginEpoch(Epoch begun) {
    epoch = begun;
  }

  @Override
  public void tablesPublished(List<NamedTable> tables) {
    List<String> copied =
        tables.stream().filter(NamedTable::copied).map(table -> table.name().toString()).toList();
    if (!copied.isEmpty()) {
      String names = copied.stream().sorted().limit(NAMES_SHOWN).collect(Collectors.joining(", "));
      throw copiesRefused(names + (copied.size() > NAMES_SHOWN ? ", …" : ""));
    }
  }

  @Override
  public void truncateTable(TableSchema table) {
    throw copiesRefused(table.name().toString());
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    if (!rows.isEmpty()) {
      throw copiesRefused(table.name().toString());
    }
    return WriteResult.DURABLE;
  }

  private static EtlException copiesRefused(String tables) {
    return new EtlException(
            ErrorKind.CONFIGURATION,
            "copy the rows of " + tables + ": the destination takes events only")
        .withFix("Set tableCopy(TableCopyConfig.none()), or use a destination that takes rows.");
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    Handled before = handled.get();
    if (before != null && !events.isEmpty() && before.isOfAnother(events.get(0))) {
      before = null; // that call never comes again: its keys may be those of other events now
    }
    for (Event event : events) {
      EventSequence key = event.sequence();
      if (before == null || !before.has(key)) {
        requireOwner();
        handle(event);
        Handled now = handled.get();
        boolean isNext = now != null && key.compareTo(now.first) > 0;
        handled.set(new Handled(isNext ? now.first : key, key));
      }
    }
    handled.remove();
    return WriteResult.DURABLE;
  }

  private void requireOwner() {
    Epoch now = epoch;
    if (now != null) {
      now.require();
    }
  }

  @SuppressWarnings("IllegalCatch") // whatever a handler throws is its failure
  private void handle(Event event) {
    try {
      handler.handle(event);
    } catch (EtlException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(ErrorKind.DESTINATION_UNAVAILABLE, event, e);
    } catch (IOException | UncheckedIOException e) {
      throw failed(ErrorKind.DESTINATION_UNAVAILABLE, event, e);
    } catch (Exception e) {
      throw failed(ErrorKind.DESTINATION_FAILED, event, e)
          .withFix("The event handler threw it; see the cause.");
    }
  }

  private static EtlException failed(ErrorKind kind, Event event, Exception cause) {
    return new EtlException(
        kind,
        "handling "
            + event.getClass().getSimpleName().toLowerCase(Locale.ROOT)
            + (event instanceof Event.OfTable change ? " of table " + change.table().name() : "")
            + " at "
            + event.sequence()
            + " failed: "
            + cause.getClass().getName(),
        cause);
  }
}
