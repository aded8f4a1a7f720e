package dev.pgetl.it.walk;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** How the destination is to fail, once per order. Thread-safe. */
final class Orders {
  private final Object lock = new Object();
  private final List<Order> orders = new ArrayList<>();
  private final List<CountDownLatch> holds = new ArrayList<>();

  /** A way to fail. */
  enum Way {
    /** Asks for a later retry, and has done nothing. */
    REFUSE,
    /** Has done it, and fails. */
    LOSE_ANSWER,
    /** Does nothing until it is released. */
    HANG,
    /** As {@link #HANG}, and ignores that its thread is interrupted. */
    HANG_DEAF,
    /** Has done it, and answers when it is released. */
    ANSWER_LATE,
    /** Refuses the changes of one table. */
    BLAME,
    /** Throws what is no {@link EtlException}. */
    THROW
  }

  /** A kind of call. */
  enum Call {
    /** All rows of a table, or those of a range. */
    TRUNCATE,
    ROWS,
    EVENTS,
    FLUSH
  }

  private record Order(Way way, Set<Call> calls, long table) {
    boolean concerns(Call call, Set<Long> tables) {
      return calls.contains(call) && (table == 0 || tables.contains(table));
    }
  }

  /** Orders a failure of the next call of these kinds that has to do with a table; 0 for any. */
  void add(Way way, Set<Call> calls, long table) {
    synchronized (lock) {
      orders.add(new Order(way, calls, table));
    }
  }

  /** Forgets what has not happened yet, and releases what hangs. */
  void clear() {
    synchronized (lock) {
      orders.clear();
      holds.forEach(CountDownLatch::countDown);
      holds.clear();
    }
  }

  /** Does the work of a call, or fails as ordered. */
  void meet(Call call, Set<Long> tables, Runnable work) {
    CountDownLatch hold = new CountDownLatch(1);
    Order order = next(call, tables, hold);
    if (order == null) {
      work.run();
      return;
    }
    switch (order.way()) {
      case REFUSE -> throw unavailable("asks for a later retry");
      case LOSE_ANSWER -> {
        work.run();
        throw unavailable("has done it, and does not say so");
      }
      case HANG -> {
        await(hold);
        work.run();
      }
      case HANG_DEAF -> {
        awaitDeaf(hold);
        work.run();
      }
      case ANSWER_LATE -> {
        work.run();
        await(hold);
      }
      case BLAME ->
          throw new EtlException(ErrorKind.DESTINATION_REJECTED, "refuses the table")
              .withTable(order.table());
      case THROW -> throw new IllegalStateException("a bug of the destination");
    }
  }

  private @Nullable Order next(Call call, Set<Long> tables, CountDownLatch hold) {
    synchronized (lock) {
      for (Iterator<Order> all = orders.iterator(); all.hasNext(); ) {
        Order order = all.next();
        if (order.concerns(call, tables)) {
          all.remove();
          holds.add(hold);
          return order;
        }
      }
      return null;
    }
  }

  private static EtlException unavailable(String what) {
    return new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "the destination " + what);
  }

  private static void await(CountDownLatch hold) {
    try {
      hold.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "interrupted", e);
    }
  }

  private static void awaitDeaf(CountDownLatch hold) {
    boolean interrupted = false;
    while (hold.getCount() > 0) {
      try {
        hold.await();
      } catch (InterruptedException ignored) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
