package dev.pgetl.benchmarks.client;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Remembers which rows of a table it has, also when its process is killed, and accepts no more than
 * a number of them per second. If the task says so, it stops in the middle of a batch and waits to
 * be killed there. The first column of the table is a number, and its key. Thread-safe.
 */
final class KeptDestination implements Destination {
  private static final Duration LIMIT = Duration.ofMinutes(30);

  private final KeptRows kept;
  private final long expected;
  private final long haltAt;
  private final long nanosPerRow;
  private final AtomicLong taken = new AtomicLong();
  private final CountDownLatch halted = new CountDownLatch(1);
  private final CountDownLatch complete = new CountDownLatch(1);

  KeptDestination(Task task, KeptRows kept) {
    this.kept = kept;
    this.expected = task.number(Setting.ROWS);
    this.haltAt = task.has(Setting.HALT_AT) ? task.number(Setting.HALT_AT) : Long.MAX_VALUE;
    this.nanosPerRow = TimeUnit.SECONDS.toNanos(1) / task.number(Setting.ROWS_PER_SECOND);
  }

  @Override
  public void truncateTable(TableSchema table) {
    kept.clear();
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    kept.remove(
        range.from() == null ? 0 : Long.parseLong(range.from()),
        range.to() == null ? Long.MAX_VALUE : Long.parseLong(range.to()));
    return true;
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> copied) {
    for (TableRow row : copied) {
      if (taken.get() >= haltAt) {
        halt();
      }
      kept.add(row.getLong(0));
      taken.incrementAndGet();
    }
    LockSupport.parkNanos(copied.size() * nanosPerRow);
    if (kept.distinct() >= expected) {
      complete.countDown();
    }
    return WriteResult.DURABLE;
  }

  private void halt() {
    halted.countDown();
    while (!Thread.currentThread().isInterrupted()) {
      LockSupport.park(this);
    }
    throw new IllegalStateException("the process was to be killed");
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    return WriteResult.DURABLE;
  }

  /** Waits until it takes no more rows. */
  void awaitHalt() throws InterruptedException {
    await(halted, "halt");
  }

  /** Waits until it has every row. */
  void awaitComplete() throws InterruptedException {
    await(complete, "last row");
  }

  private void await(CountDownLatch event, String what) throws InterruptedException {
    if (!event.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("no " + what + ", only " + taken + " rows came");
    }
  }

  /** {@return how many rows this process has taken} */
  long taken() {
    return taken.get();
  }
}
