package dev.pgetl.it.kills;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes so many rows a second: updates, with and without the large note of a row, deletes,
 * inserts, and keys that move to any place of the table. Half of them lie where the copy reads at
 * that moment. Rows of the beginning have even keys; each odd one is used once, so that none is met
 * twice.
 */
final class BusyWriter implements AutoCloseable {
  /** Rows whose note is stored out of line; their keys do not move. */
  static final long LARGE_EVERY = 10_000;

  private static final int ROWS_PER_STATEMENT = 10;
  private static final int MOST_STATEMENTS = 4;
  private static final int HOT_SHARE = 64;

  private static final String UPDATE = "update big set version = version + 1 where id = any(?)";
  private static final String REWRITE =
      "update big set version = version + 1, note = 'rewritten in version ' || version"
          + " where id = any(?) and id % 10000 <> 0";
  private static final String DELETE = "delete from big where id = any(?)";
  private static final String INSERT =
      "insert into big select id, 0, 'inserted ' || id from unnest(?) id on conflict do nothing";
  private static final String MOVE =
      "update big set id = target, version = version + 1 from unnest(?, ?) as m(old, target)"
          + " where id = old and id % 10000 <> 0";
  private static final String PULSE = "update pulse set version = version + 1 where id = any(?)";

  private final TestDatabase source;
  private final long rows;
  private final int perSecond;
  private final Random random;
  private final LongSupplier latest;
  private final BitSet used = new BitSet();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "busy-writer");
  private final AtomicLong written = new AtomicLong();
  private volatile @Nullable SQLException failure;

  /**
   * Creates a writer that has not begun.
   *
   * @param rows how many there are, with the keys 2, 4, 6 …
   * @param latest the key that was copied last
   */
  BusyWriter(TestDatabase source, long rows, int perSecond, long seed, LongSupplier latest) {
    this.source = source;
    this.rows = rows;
    this.perSecond = perSecond;
    this.random = new Random(seed);
    this.latest = latest;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    long begin = System.nanoTime();
    try (Connection connection = source.connect()) {
      connection.setAutoCommit(false);
      while (!stop.await(ahead(begin), TimeUnit.NANOSECONDS)) {
        transaction(connection);
      }
    } catch (SQLException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return how long to wait until the next transaction is due} */
  private long ahead(long begin) {
    return Math.max(0, begin + written.get() * 1_000_000_000L / perSecond - System.nanoTime());
  }

  private void transaction(Connection connection) throws SQLException {
    long count = 0;
    for (int left = 1 + random.nextInt(MOST_STATEMENTS); left > 0; left--) {
      count += write(connection);
    }
    if (random.nextInt(20) == 0) {
      connection.rollback();
    } else {
      connection.commit();
      long unused = written.addAndGet(count);
    }
  }

  private long write(Connection connection) throws SQLException {
    int kind = random.nextInt(100);
    if (kind < 40) {
      return run(connection, UPDATE, some());
    } else if (kind < 55) {
      return run(connection, REWRITE, some());
    } else if (kind < 68) {
      return run(connection, DELETE, some());
    } else if (kind < 80) {
      List<Long> ids = random.nextBoolean() ? some() : unused();
      return run(connection, INSERT, ids);
    } else if (kind < 99) {
      List<Long> targets = unused();
      return run(connection, MOVE, some().subList(0, targets.size()), targets);
    }
    return run(connection, PULSE, List.of(1L + random.nextInt(100)));
  }

  @SafeVarargs
  private static long run(Connection connection, String sql, List<Long>... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        Array array = connection.createArrayOf("bigint", parameters[i].toArray());
        statement.setArray(i + 1, array);
      }
      return statement.executeUpdate();
    }
  }

  private List<Long> some() {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < ROWS_PER_STATEMENT; i++) {
      ids.add(2 * place());
    }
    return ids;
  }

  /** {@return keys that were not used yet; fewer once there are no more} */
  private List<Long> unused() {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < ROWS_PER_STATEMENT; i++) {
      int near = (int) place();
      int place = used.nextClearBit(near);
      place = place <= rows ? place : used.previousClearBit(near);
      if (place > 0) {
        used.set(place);
        ids.add(2L * place + 1);
      }
    }
    return ids;
  }

  private long place() {
    if (random.nextBoolean()) {
      return 1 + random.nextLong(rows);
    }
    long around = Math.max(1, rows / HOT_SHARE);
    long hot = latest.getAsLong() / 2 + random.nextLong(2 * around) - around;
    return Math.min(rows, Math.max(1, hot));
  }

  /** {@return how many rows were written} */
  long written() {
    return written.get();
  }

  /** Ends after the transaction in progress. */
  void stop() throws InterruptedException {
    stop.countDown();
    thread.join();
    if (failure != null) {
      throw new AssertionError("the writer failed", failure);
    }
  }

  @Override
  public void close() {
    stop.countDown();
  }
}
