package dev.pgetl.it.failing;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Inserts rows that hold the time of their insertion: 100 a second into the first five tables, one
 * after the other, and 25 a second into the rest.
 */
final class EventWriter implements AutoCloseable {
  private static final int EACH = 5;

  private final TestDatabase source;
  private final List<Integer> tables;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "event-writer");
  private volatile @Nullable SQLException failure;

  EventWriter(TestDatabase source, List<Integer> tables) {
    this.source = source;
    this.tables = tables;
  }

  EventWriter start() {
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  private void run() {
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      for (int i = 0; !stop.await(8, TimeUnit.MILLISECONDS); i++) {
        int table = i % EACH == 0 ? tables.get(i / EACH % tables.size()) : i % Layout.EARLY;
        statement.execute("insert into t%d(at) values (%d)".formatted(table, System.nanoTime()));
      }
    } catch (SQLException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop.countDown();
    thread.join();
    if (failure != null) {
      throw new AssertionError("the writer failed", failure);
    }
  }
}
