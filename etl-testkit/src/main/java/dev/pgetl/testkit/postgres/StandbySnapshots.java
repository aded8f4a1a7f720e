package dev.pgetl.testkit.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Has a primary log its running transactions twenty times a second ({@code
 * pg_log_standby_snapshot()}, Postgres 16 and later): the creation of a slot on a standby waits for
 * such a record, and an idle primary writes none. Thread-safe.
 */
public final class StandbySnapshots implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 50;

  private final TestDatabase primary;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "standby-snapshots");

  private StandbySnapshots(TestDatabase primary) {
    this.primary = primary;
  }

  /**
   * {@return what does so until it is closed, or the server is gone}
   *
   * @param primary a database of the primary
   */
  public static StandbySnapshots of(TestDatabase primary) {
    StandbySnapshots snapshots = new StandbySnapshots(primary);
    snapshots.thread.setDaemon(true);
    snapshots.thread.start();
    return snapshots;
  }

  private void run() {
    try (Connection connection = primary.connect();
        Statement statement = connection.createStatement()) {
      while (!stop.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        statement.execute("select pg_log_standby_snapshot()");
      }
    } catch (SQLException e) {
      // the server is gone, and with it what is waited for
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends it. Idempotent. */
  @Override
  public void close() {
    stop.countDown();
  }
}
