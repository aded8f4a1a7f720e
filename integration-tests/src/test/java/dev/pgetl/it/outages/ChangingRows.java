package dev.pgetl.it.outages;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Two tables of the source, one of them large, and a writer that changes both without a pause. */
final class ChangingRows implements AutoCloseable {
  /** Rows that are not compressed, so that a copy of them takes a while. */
  static final String TABLES =
      """
      create table ticks (id int primary key, at timestamptz not null default clock_timestamp());
      create table big (id int primary key, n int not null, filler text not null);
      alter table big alter column filler set storage plain;
      insert into big select g, 0, repeat('x', 7500) from generate_series(1, 800) g;
      create publication pub for table ticks, big;
      """;

  private static final String DIGEST =
      """
      select (select count(*) || '/' || coalesce(sum(hashtextextended(id || '/' || at, 0)), 0)
                from %1$s.ticks),
             (select count(*) || '/' || sum(hashtextextended(id || '/' || n || filler, 0))
                from %1$s.big)
      """;

  private static final int ROWS = 800;
  private static final long PAUSE_MILLIS = 20;

  private final TestDatabase source;
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger written = new AtomicInteger();

  ChangingRows(TestDatabase source) {
    this.source = source;
  }

  /** {@return a query whose rows are the same on both sides if and only if both tables are} */
  static String digest(String schema) {
    return DIGEST.formatted(schema);
  }

  ChangingRows start() {
    var unused =
        executor.scheduleWithFixedDelay(this::write, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    return this;
  }

  private void write() {
    int next = written.get() + 1;
    source.execute(
        "begin; insert into ticks values (%d); update big set n = n + 1 where id = %d; commit"
            .formatted(next, 1 + next * 7 % ROWS));
    written.set(next);
  }

  /** {@return how many transactions have been committed} */
  int written() {
    return written.get();
  }

  /** Ends the writer after its last transaction. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the writer does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
