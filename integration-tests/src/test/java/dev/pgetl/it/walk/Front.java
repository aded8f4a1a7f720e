package dev.pgetl.it.walk;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The destination as one process sees it: fails as ordered, and may merely accept what it makes
 * durable later. What a process had accepted goes with it. Thread-safe.
 */
final class Front implements Destination {
  /** An entry for a table. */
  private record Pending(long table, Target.Entry entry) {}

  private final Object lock = new Object();
  private final Target target;
  private final Orders orders;
  private final boolean accepts;
  private final AtomicInteger calls = new AtomicInteger();
  private final List<Pending> accepted = new ArrayList<>();
  private boolean gone;

  /**
   * Creates the front of a process.
   *
   * @param accepts whether it answers {@code ACCEPTED} instead of {@code DURABLE}
   */
  Front(Target target, Orders orders, boolean accepts) {
    this.target = target;
    this.orders = orders;
    this.accepts = accepts;
  }

  /** The process is gone: what it still does has no effect. */
  void die() {
    synchronized (lock) {
      gone = true;
      accepted.clear();
    }
  }

  /** {@return how many calls have come} */
  int calls() {
    return calls.get();
  }

  @Override
  public void truncateTable(TableSchema table) {
    long oid = table.id().oid();
    meet(
        Orders.Call.TRUNCATE,
        Set.of(oid),
        () -> {
          accepted.removeIf(pending -> pending.table() == oid);
          target.add(oid, new Target.Entry.Truncated());
        });
  }

  /** Makes durable what was accepted, so that the removal comes behind it. */
  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    long oid = table.id().oid();
    meet(
        Orders.Call.TRUNCATE,
        Set.of(oid),
        () -> {
          makeDurable();
          target.add(oid, new Target.Entry.Removed(table, range));
        });
    return true;
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    long oid = table.id().oid();
    Lsn at = table.snapshotLsn();
    meet(
        Orders.Call.ROWS,
        Set.of(oid),
        () -> rows.forEach(row -> keep(oid, new Target.Entry.Copied(at, row))));
    return accepts ? WriteResult.ACCEPTED : WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    Set<Long> tables = new HashSet<>();
    events.forEach(event -> tables.addAll(tablesOf(event)));
    meet(
        Orders.Call.EVENTS,
        tables,
        () ->
            events.forEach(
                event -> {
                  target.given(event);
                  tablesOf(event).forEach(oid -> keep(oid, new Target.Entry.Happened(event)));
                }));
    return accepts ? WriteResult.ACCEPTED : WriteResult.DURABLE;
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    return Optional.of(target.lastGiven(table.oid()));
  }

  private static List<Long> tablesOf(Event event) {
    if (event instanceof Event.RowChange change) {
      return List.of(change.table().id().oid());
    }
    return event instanceof Event.Truncate truncate
        ? truncate.tables().stream().map(table -> table.id().oid()).toList()
        : List.of();
  }

  @Override
  public void flush() {
    meet(Orders.Call.FLUSH, Set.of(), this::makeDurable);
  }

  private void makeDurable() {
    accepted.forEach(pending -> target.add(pending.table(), pending.entry()));
    accepted.clear();
  }

  private void keep(long table, Target.Entry entry) {
    if (accepts) {
      accepted.add(new Pending(table, entry));
    } else {
      target.add(table, entry);
    }
  }

  private void meet(Orders.Call call, Set<Long> tables, Runnable work) {
    calls.incrementAndGet();
    orders.meet(
        call,
        tables,
        () -> {
          synchronized (lock) {
            if (gone) {
              throw new EtlException(ErrorKind.DESTINATION_FAILED, "the process is gone");
            }
            work.run();
          }
        });
  }
}
