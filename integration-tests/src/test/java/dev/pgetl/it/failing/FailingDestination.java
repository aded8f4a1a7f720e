package dev.pgetl.it.failing;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps nothing, and fails for some tables, each in its way. It measures how late the rows are that
 * hold the time at which they were inserted. Rows of copies are merely accepted.
 */
final class FailingDestination implements Destination {
  private final Map<Long, Way> ways;
  private final TableId innocent;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private final Queue<TableId> accepted = new ConcurrentLinkedQueue<>();
  private final Map<Long, AtomicLong> latest = new ConcurrentHashMap<>();

  /**
   * Creates a destination.
   *
   * @param ways how tables fail, by id
   * @param innocent a table that is blamed for others
   */
  FailingDestination(Map<Long, Way> ways, TableId innocent) {
    this.ways = Map.copyOf(ways);
    this.innocent = innocent;
  }

  /** {@return is open once a copy has begun} */
  CountDownLatch begun() {
    return begun;
  }

  /** It fails for no table any more; calls that hang fail. */
  void end() {
    over.countDown();
  }

  /** Measures the events of a table from now on. */
  void measure(TableId table) {
    latest.put(table.oid(), new AtomicLong());
  }

  /** {@return how late the latest event of a measured table was, in nanoseconds} */
  long latest() {
    return latest.values().stream().mapToLong(AtomicLong::get).max().orElse(0);
  }

  @Override
  public void truncateTable(TableSchema table) {
    begun.countDown();
    meet(Way.Call.TRUNCATE, table.id());
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    meet(Way.Call.ROWS, table.id());
    Way way = ways.get(table.id().oid());
    if (way == Way.FLUSH_REFUSED) {
      accepted.add(table.id());
    }
    return WriteResult.ACCEPTED;
  }

  @Override
  public void flush() {
    TableId bad = accepted.poll();
    if (bad != null) {
      meet(Way.Call.FLUSH, bad);
    }
  }

  @Override
  public void tableCopied(TableSchema table) {
    meet(Way.Call.COPIED, table.id());
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    for (Event event : events) {
      if (event instanceof Event.Insert insert) {
        meet(Way.Call.EVENTS, insert.table().id());
      }
    }
    long now = System.nanoTime();
    for (Event event : events) {
      if (event instanceof Event.Insert insert && latest.get(insert.table().id().oid()) != null) {
        long late = now - insert.row().getLong(1);
        long unused = latest.get(insert.table().id().oid()).accumulateAndGet(late, Math::max);
      }
    }
    return WriteResult.DURABLE;
  }

  private void meet(Way.Call call, TableId table) {
    Way way = ways.get(table.oid());
    if (way != null && way.call() == call && over.getCount() > 0) {
      answer(way, table);
    }
  }

  private void answer(Way way, TableId table) {
    switch (way.answer()) {
      case REFUSAL -> throw failure(ErrorKind.DESTINATION_REJECTED, way).withTable(table.oid());
      case LATER -> throw failure(ErrorKind.DESTINATION_UNAVAILABLE, way);
      case BLAME -> throw failure(ErrorKind.DESTINATION_REJECTED, way).withTable(innocent.oid());
      case ERROR -> throw new LinkageError(way + ", as the test requests");
      case NONE -> hang(way);
    }
  }

  private void hang(Way way) {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw failure(ErrorKind.DESTINATION_UNAVAILABLE, way);
  }

  private static EtlException failure(ErrorKind kind, Way way) {
    return new EtlException(kind, way + ", as the test requests");
  }
}
