package dev.pgetl.examples.quickstart;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Changes rows while the pipeline runs: inserts, updates, deletes, key changes, savepoints rolled
 * back, a truncate.
 */
final class DemoWorkload implements AutoCloseable {
  private static final int ROUNDS = 300;
  private static final int TRUNCATE_AT = 200;

  private final DemoSource source;
  private final Thread thread;
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile @Nullable SQLException failure;

  private DemoWorkload(DemoSource source) {
    this.source = source;
    this.thread = new Thread(this::run, "demo-workload");
  }

  static DemoWorkload start(DemoSource source) {
    DemoWorkload workload = new DemoWorkload(source);
    workload.thread.setDaemon(true);
    workload.thread.start();
    return workload;
  }

  private void run() {
    try (Connection connection = source.connect();
        Statement sql = connection.createStatement()) {
      for (int round = 0; round < ROUNDS && stop.getCount() > 0; round++) {
        round(sql, round);
        if (stop.await(20, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (SQLException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void round(Statement sql, int round) throws SQLException {
    int base = 300_000 + round * 100;
    sql.execute(
        "begin; insert into purchase select g, g % 50000 + 1, 1, 2, 'while running', now() from generate_series("
            + base
            + ","
            + (base + 99)
            + ") g; update customer set credit = credit + 1 where id % 500 = "
            + round
            + "; delete from purchase where id % 1000 = "
            + round
            + "; commit");
    sql.execute(
        "update product set id = id + 100000, title = title || ' (moved)' where id = "
            + (round + 1));
    sql.execute(
        "begin; insert into page_view values ("
            + (100_000 + round)
            + ", '/live', 0.5); savepoint a;"
            + " delete from page_view; rollback to a; commit");
    if (round == TRUNCATE_AT) {
      sql.execute("truncate page_view");
    }
  }

  boolean isRunning() {
    return thread.isAlive();
  }

  void throwIfFailed() {
    if (failure != null) {
      throw new IllegalStateException("the workload failed", failure);
    }
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
