package dev.pgetl.destination.postgres;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads the sum over two tables in a loop, each time in one snapshot, in a thread of its own. */
final class SumReader implements AutoCloseable {
  private final TestDatabase database;
  private final Set<Long> sums = new ConcurrentSkipListSet<>();
  private final AtomicInteger reads = new AtomicInteger();
  private final CompletableFuture<Void> running;
  private volatile boolean closed;

  SumReader(TestDatabase database) {
    this.database = database;
    this.running = CompletableFuture.runAsync(this::read);
  }

  /** {@return all sums that were found} */
  Set<Long> sums() {
    return sums;
  }

  /** {@return how often it has read} */
  int reads() {
    return reads.get();
  }

  private void read() {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      while (!closed) {
        // An older snapshot would find a table empty that is truncated afterwards.
        statement.execute("lock table debits, credits in access share mode");
        sums.add(sum(statement, "debits") + sum(statement, "credits"));
        connection.commit();
        reads.incrementAndGet();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long sum(Statement statement, String table) throws SQLException {
    try (ResultSet result = statement.executeQuery("select sum(n) from " + table)) {
      result.next();
      return result.getLong(1);
    }
  }

  /** Ends the loop; fails if it has failed. */
  @Override
  public void close() {
    closed = true;
    running.join();
  }
}
