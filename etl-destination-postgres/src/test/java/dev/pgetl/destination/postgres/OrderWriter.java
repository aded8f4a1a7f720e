package dev.pgetl.destination.postgres;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Changes rows of {@code orders} at a rate, in transactions of up to 20 rows; it leaves keys alone
 * that divide by 10. Some keys are written again and again.
 */
final class OrderWriter implements AutoCloseable {
  private static final String UPSERT =
      "insert into orders values (?, ?, ?, 1.5, now()) on conflict (id) do update set a = excluded.a,"
          + " b = excluded.b";
  private static final String DELETE = "delete from orders where id = ?";

  private final TestDatabase source;
  private final int keys;
  private final int rowsPerSecond;
  private final SplittableRandom random;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final AtomicLong written = new AtomicLong();
  private final Thread thread = new Thread(this::run, "writer");
  private volatile @Nullable Exception failure;

  OrderWriter(TestDatabase source, int keys, int rowsPerSecond, long seed) {
    this.source = source;
    this.keys = keys;
    this.rowsPerSecond = rowsPerSecond;
    this.random = new SplittableRandom(seed);
    thread.start();
  }

  private void run() {
    try (Connection connection = source.connect();
        PreparedStatement upsert = connection.prepareStatement(UPSERT);
        PreparedStatement delete = connection.prepareStatement(DELETE)) {
      connection.setAutoCommit(false);
      long begun = System.nanoTime();
      while (!stop.await(untilNext(begun), TimeUnit.NANOSECONDS)) {
        transaction(upsert, delete);
        connection.commit();
      }
    } catch (SQLException | InterruptedException e) {
      failure = e;
    }
  }

  private long untilNext(long begun) {
    return Math.max(
        0, written.get() * 1_000_000_000L / rowsPerSecond - (System.nanoTime() - begun));
  }

  private void transaction(PreparedStatement upsert, PreparedStatement delete) throws SQLException {
    int count = 1 + random.nextInt(20);
    for (int i = 0; i < count; i++) {
      long id = key();
      PreparedStatement statement = random.nextInt(5) == 0 ? delete : upsert;
      statement.setLong(1, id);
      if (statement == upsert) {
        statement.setInt(2, random.nextInt());
        statement.setString(3, "written " + random.nextInt(3));
      }
      statement.addBatch();
    }
    int[] unused = upsert.executeBatch();
    int[] unusedToo = delete.executeBatch();
    written.addAndGet(count);
  }

  /** Every fifth one is one of few. */
  private long key() {
    long id = 1L + random.nextInt(random.nextInt(5) == 0 ? 40 : keys);
    return id % 10 == 0 ? id + 1 : id;
  }

  long written() {
    return written.get();
  }

  @Override
  public void close() throws InterruptedException {
    stop.countDown();
    thread.join();
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
  }
}
