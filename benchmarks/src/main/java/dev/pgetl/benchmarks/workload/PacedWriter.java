package dev.pgetl.benchmarks.workload;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Commits transactions of one row each at a steady pace, over several connections. */
final class PacedWriter implements AutoCloseable {
  private static final int PACE_PER_CONNECTION = 700;

  private final CountDownLatch end = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private volatile @Nullable Exception failure;

  private final Committed listener;

  private PacedWriter(Committed listener) {
    this.listener = listener;
  }

  /** Receives what was committed, on the thread of the connection. */
  interface Committed {
    /**
     * A row was committed.
     *
     * @param key its key; those of a connection begin at {@link #firstKey} and are consecutive
     */
    void committed(long key);
  }

  /** {@return over how many connections a pace is kept} */
  static int connections(int pace) {
    return (pace + PACE_PER_CONNECTION - 1) / PACE_PER_CONNECTION;
  }

  /** {@return the first key of a connection} */
  static long firstKey(int connection) {
    return (long) connection << 32;
  }

  static PacedWriter start(TestDatabase database, int pace, Committed listener) {
    PacedWriter writer = new PacedWriter(listener);
    int connections = connections(pace);
    for (int i = 0; i < connections; i++) {
      long firstKey = firstKey(i);
      long interval = TimeUnit.SECONDS.toNanos(1) * connections / pace;
      Thread thread = new Thread(() -> writer.write(database, firstKey, interval), "writer-" + i);
      thread.setDaemon(true);
      thread.start();
      writer.threads.add(thread);
    }
    return writer;
  }

  private void write(TestDatabase database, long firstKey, long intervalNanos) {
    try (Connection connection = database.connect();
        PreparedStatement insert =
            connection.prepareStatement(
                "insert into narrow values (?, 1, 12.50, now(), 'a note of a few words')")) {
      long due = System.nanoTime();
      for (long key = firstKey; end.getCount() > 0; key++) {
        LockSupport.parkNanos(due - System.nanoTime());
        insert.setLong(1, key);
        insert.executeUpdate();
        listener.committed(key);
        due += intervalNanos;
      }
    } catch (SQLException e) {
      failure = e;
      end.countDown();
    }
  }

  /** Lets the writing go on for a while. */
  void pause(int seconds) {
    try {
      if (end.await(seconds, TimeUnit.SECONDS)) {
        throw new IllegalStateException("writing failed", failure);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    end.countDown();
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
