package dev.pgetl.it;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A client that writes one small transaction after another to {@code users}: inserts, updates,
 * deletes, changes of keys. It goes on through all failures of the server until it is closed.
 */
final class Traffic implements AutoCloseable {
  private static final long PACE_MILLIS = 5;

  /** Keeps some forty rows. */
  private static final String TRANSACTION =
      """
      begin;
      insert into users(name, age) values ('traffic', %1$d), ('traffic', %1$d);
      update users set age = age + 1 where id %% 10 = %1$d %% 10 and name = 'traffic';
      update users set id = -id where id = (select max(id) from users where name = 'traffic');
      delete from users where name = 'traffic' and abs(id) <= (select max(abs(id)) from users) - 40;
      commit;
      """;

  private final TestDatabase database;
  private final AtomicLong committed = new AtomicLong();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::write, "traffic");
  private volatile @Nullable Throwable failure;

  private Traffic(TestDatabase database) {
    this.database = database;
  }

  /** Begins to write. */
  static Traffic on(TestDatabase database) {
    Traffic traffic = new Traffic(database);
    traffic.thread.setUncaughtExceptionHandler((thread, e) -> traffic.failure = e);
    traffic.thread.start();
    return traffic;
  }

  private void write() {
    try {
      while (!stop.await(PACE_MILLIS, TimeUnit.MILLISECONDS)) {
        tryToWrite();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tryToWrite() {
    try {
      database.execute(TRANSACTION.formatted(committed.get()));
      committed.incrementAndGet();
    } catch (IllegalStateException e) {
      if (!isServerGone(e)) {
        throw e;
      }
    }
  }

  private static boolean isServerGone(IllegalStateException e) {
    return e.getCause() instanceof SQLException sql
        && Objects.requireNonNullElse(sql.getSQLState(), "").matches("08.*|57P0[123]");
  }

  /** Waits until some more transactions are committed. */
  Traffic awaitMore(long transactions) {
    long goal = committed.get() + transactions;
    Awaitility.await("traffic")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> failure != null || committed.get() >= goal);
    throwIfFailed();
    return this;
  }

  private void throwIfFailed() {
    Throwable cause = failure;
    if (cause != null) {
      throw new AssertionError("the traffic failed", cause);
    }
  }

  /** Ends after the transaction under way. */
  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throwIfFailed();
  }
}
