package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A right destination that takes over what it is given and writes it when it is flushed or closed.
 */
class AcceptingDestination extends ReferenceDestination {
  final Deque<Runnable> accepted = new ArrayDeque<>();

  AcceptingDestination(Target target) {
    super(target);
  }

  /** What was accepted comes again: it was never durable. */
  @Override
  public void beginEpoch(Epoch epoch) {
    synchronized (target) {
      accepted.clear();
    }
  }

  @Override
  public void truncateTable(TableSchema table) {
    synchronized (target) {
      flush();
      super.truncateTable(table);
    }
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    synchronized (target) {
      flush();
      return super.beginReplacement(last, next);
    }
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    synchronized (target) {
      flush();
      return super.removeRange(table, range);
    }
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    synchronized (target) {
      accepted.add(() -> super.writeTableRows(table, rows));
    }
    return WriteResult.ACCEPTED;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    requireWelcome(events); // before anything of the call is accepted
    synchronized (target) {
      accepted.add(() -> super.writeEvents(events));
    }
    return WriteResult.ACCEPTED;
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    synchronized (target) {
      flush();
      return super.lastApplied(table);
    }
  }

  /** Keeps what could not be written for the next flush. */
  @Override
  public void flush() {
    synchronized (target) {
      for (Runnable next = accepted.peek(); next != null; next = accepted.peek()) {
        next.run();
        accepted.remove();
      }
    }
  }

  @Override
  public void close() {
    flush();
  }
}
