package dev.pgetl.it.crash;

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
 * Writes without a pause: inserts, updates, deletes, key changes, truncates, savepoints rolled
 * back, large transactions, in all tables.
 */
final class CrashWriter implements AutoCloseable {
  private static final String COLUMNS = "(id bigint primary key, n int not null, t text)";

  /** Leaves the machine's two cores room for what is tested. */
  private static final long BREATH_MILLIS = 4;

  private final TestDatabase source;
  private final Random random;
  private final List<String> tables = new CopyOnWriteArrayList<>(List.of("a", "b", "c"));
  private final AtomicLong nextId = new AtomicLong(1_000_000);
  private final Thread thread = new Thread(this::run, "crash-writer");
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile @Nullable SQLException failure;

  CrashWriter(TestDatabase source, long seed) {
    this.source = source;
    this.random = new Random(seed);
    for (String table : tables) {
      source.execute("create table " + table + COLUMNS);
      source.execute(
          "insert into " + table + " select g, g, 'row ' || g from generate_series(1, 3000) g");
    }
    source.execute("create publication pub for table a, b, c");
  }

  CrashWriter start() {
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  /** A further table, with rows in it, joins the publication. */
  void addTable() {
    String table = "added_" + tables.size();
    source.execute("create table " + table + COLUMNS);
    source.execute(
        "insert into " + table + " select g, g, 'row ' || g from generate_series(1, 1500) g");
    source.execute("alter publication pub add table " + table);
    tables.add(table);
  }

  List<String> tables() {
    return tables;
  }

  private void run() {
    try (Connection connection = source.connect();
        Statement sql = connection.createStatement()) {
      while (!stop.await(BREATH_MILLIS, TimeUnit.MILLISECONDS)) {
        sql.execute(transaction(tables.get(random.nextInt(tables.size()))));
      }
    } catch (SQLException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String transaction(String table) {
    int some = random.nextInt(3000);
    return switch (random.nextInt(100)) {
      case 0 -> "truncate " + table;
      case 1, 2 -> insert(table, 2000);
      case 3, 4, 5, 6 ->
          "begin; "
              + insert(table, 3)
              + "; savepoint s; delete from "
              + table
              + "; rollback to s; "
              + insert("a", 2)
              + "; commit";
      case 7, 8, 9, 10 ->
          "begin; " + insert(table, 5) + "; delete from " + table + " where n % 7 = 1; rollback";
      case 11, 12, 13, 14, 15 ->
          "update "
              + table
              + " set id = id + 10000000 where id % 997 = "
              + some % 997
              + " and id < 10000000";
      case 16, 17, 18, 19, 20, 21, 22, 23, 24, 25 ->
          "delete from " + table + " where id % 499 = " + some % 499;
      default ->
          random.nextBoolean()
              ? insert(table, 1 + random.nextInt(20))
              : "update "
                  + table
                  + " set n = n + 1, t = 'updated ' || n where id % 211 = "
                  + some % 211;
    };
  }

  private String insert(String table, int rows) {
    long first = nextId.getAndAdd(rows);
    return "insert into "
        + table
        + " select g, g % 100, 'inserted ' || g from generate_series("
        + first
        + ","
        + (first + rows - 1)
        + ") g";
  }

  void stop() throws InterruptedException {
    stop.countDown();
    thread.join();
    if (failure != null) {
      throw new AssertionError("the writer failed", failure);
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop.countDown();
    thread.join();
  }
}
