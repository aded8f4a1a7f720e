package dev.pgetl.testkit.crash;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes without a pause, in all tables: inserts, updates, values stored out of line, deletes, key
 * changes, truncates, savepoints rolled back, large transactions. Continues when the server is
 * back.
 */
final class CrashWriter implements AutoCloseable {
  private static final String COLUMNS = "(id bigint primary key, n int not null, t text)";
  private static final int ROWS = 2000;

  /** Leaves CPU time for the tested pipeline on small machines. */
  private static final long BREATH_MILLIS = 6;

  private final TestDatabase source;
  private final Random random;
  private final List<String> tables = new CopyOnWriteArrayList<>();
  private final AtomicLong nextId = new AtomicLong(1_000_000);
  private final Thread thread = new Thread(this::run, "crash-writer");
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile @Nullable SQLException failure;

  CrashWriter(TestDatabase source, Random random) {
    this.source = source;
    this.random = random;
    source.execute("create publication pub");
    for (String table : List.of("a", "b", "c")) {
      addTable(table);
    }
  }

  CrashWriter start() {
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  /** A further table, with rows in it, joins the publication. */
  void addTable(String table) {
    source.execute("create table " + table + COLUMNS);
    source.execute("alter table " + table + " alter t set storage external");
    source.execute(
        "insert into %s select g, g, 'row ' || g from generate_series(1, %d) g"
            .formatted(table, ROWS));
    source.execute("alter publication pub add table " + table);
    tables.add(table);
  }

  List<String> tables() {
    return tables;
  }

  private void run() {
    try {
      while (stop.getCount() > 0) {
        writeUntilDisconnected();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeUntilDisconnected() throws InterruptedException {
    try (Connection connection = source.connect();
        Statement sql = connection.createStatement()) {
      while (!stop.await(BREATH_MILLIS, TimeUnit.MILLISECONDS)) {
        sql.execute(transaction(tables.get(random.nextInt(tables.size()))));
      }
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      boolean serverIsGone = state.startsWith("08") || state.startsWith("57P");
      if (!serverIsGone) {
        failure = e;
        stop.countDown();
      }
      boolean stopped = stop.await(50, TimeUnit.MILLISECONDS);
      assert stopped || serverIsGone;
    }
  }

  private String transaction(String table) {
    int some = random.nextInt(3000);
    int kind = random.nextInt(100);
    if (kind == 0) {
      return "truncate " + table;
    } else if (kind == 1) {
      return insert(table, 3000);
    } else if (kind < 6) {
      return "begin; %s; savepoint s; delete from %s; rollback to s; %s; commit"
          .formatted(insert(table, 3), table, insert("a", 2));
    } else if (kind < 10) {
      return "begin; %s; delete from %s where n %% 7 = 1; rollback"
          .formatted(insert(table, 5), table);
    } else if (kind < 15) {
      return "update %s set id = id + 10000000 where id %% 997 = %d and id < 10000000"
          .formatted(table, some % 997);
    } else if (kind < 25) {
      return "delete from %s where id %% 499 = %d".formatted(table, some % 499);
    } else if (kind < 30) {
      return "update %s set t = repeat('x' || n, 1500) where id %% 997 = %d"
          .formatted(table, some % 997);
    } else if (kind < 65) {
      return insert(table, 1 + random.nextInt(20));
    }
    return "update %s set n = n + 1 where id %% 211 = %d".formatted(table, some % 211);
  }

  private String insert(String table, int rows) {
    long first = nextId.getAndAdd(rows);
    return "insert into %s select g, g %% 100, 'inserted ' || g from generate_series(%d, %d) g"
        .formatted(table, first, first + rows - 1);
  }

  /** Ends after the transaction in progress. */
  void stop() throws InterruptedException {
    stop.countDown();
    thread.join();
    if (failure != null) {
      throw new AssertionError("the writer failed", failure);
    }
  }

  /** Asks it to end; it may still have a transaction in progress. */
  @Override
  public void close() {
    stop.countDown();
  }
}
