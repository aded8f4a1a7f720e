package dev.pgetl.benchmarks.client;

import dev.pgetl.benchmarks.measure.Latencies;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Counts rows and forgets them; decodes their values or takes its time, if the task says so.
 * Thread-safe.
 */
final class NullDestination implements Destination {
  private final boolean following;
  private final boolean values;
  private final long nanosPerRow;
  private final long rowsExpected;
  private final AtomicLong rows = new AtomicLong();
  private final CountDownLatch complete = new CountDownLatch(1);
  private final Latencies latencies = new Latencies();

  /** Keeps the compiler from leaving out the work whose result nobody wants. */
  private volatile @Nullable Object lastValue;

  NullDestination(Task task) {
    following = task.mode() == Task.Mode.FOLLOW;
    values = task.has(Setting.VALUES);
    rowsExpected = task.has(Setting.ROWS) ? task.number(Setting.ROWS) : Long.MAX_VALUE;
    nanosPerRow =
        task.has(Setting.ROWS_PER_SECOND)
            ? TimeUnit.SECONDS.toNanos(1) / task.number(Setting.ROWS_PER_SECOND)
            : 0;
  }

  @Override
  public void truncateTable(TableSchema table) {
    // There is nothing to remove.
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> copied) {
    if (values) {
      copied.forEach(this::decode);
    }
    count(copied.size());
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    if (following) {
      noteAges(events);
    }
    int changes = 0;
    for (Event event : events) {
      if (event instanceof Event.RowChange change) {
        changes++;
        if (values) {
          decode(change);
        }
      }
    }
    count(changes);
    return WriteResult.DURABLE;
  }

  private void noteAges(List<Event> events) {
    Instant now = Instant.now();
    for (Event event : events) {
      if (event instanceof Event.Commit commit) {
        latencies.add(ChronoUnit.MICROS.between(commit.transaction().commitTime(), now));
      }
    }
  }

  private void decode(Event.RowChange change) {
    if (change instanceof Event.Insert insert) {
      decode(insert.row());
    } else if (change instanceof Event.Update update) {
      decode(update.row());
    }
  }

  private void decode(TableRow row) {
    Object last = null;
    for (int i = 0; i < row.columnCount(); i++) {
      if (row.isPresent(i)) {
        last = row.get(i);
      }
    }
    lastValue = last;
  }

  private void count(int more) {
    if (nanosPerRow > 0) {
      LockSupport.parkNanos(more * nanosPerRow);
    }
    if (rows.addAndGet(more) >= rowsExpected) {
      complete.countDown();
    }
  }

  /** Waits until all rows have come. */
  void awaitComplete(long seconds) throws InterruptedException {
    if (!complete.await(seconds, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          "only " + rows + " rows came, the last with the value " + lastValue);
    }
  }

  long rows() {
    return rows.get();
  }

  Latencies latencies() {
    return latencies;
  }
}
