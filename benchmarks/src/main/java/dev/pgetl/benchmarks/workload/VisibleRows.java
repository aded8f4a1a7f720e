package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.measure.Latencies;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How long rows take from their commit in the source until a reader of the destination sees them. A
 * connection asks for the greatest keys about once a millisecond; the rows of each writing
 * connection are committed, and applied, in the order of their keys. Thread-safe.
 */
final class VisibleRows implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 1;

  private final CountDownLatch end = new CountDownLatch(1);
  private final Latencies latencies = new Latencies();
  private final List<Queue<Row>> waiting;
  private final Thread reader;

  /** A row that has yet to be seen. */
  private record Row(long key, long committedNanos) {}

  private VisibleRows(TestDatabase target, int connections) {
    waiting = Stream.<Queue<Row>>generate(ConcurrentLinkedQueue::new).limit(connections).toList();
    reader = new Thread(() -> read(target), "visible-rows");
    reader.setDaemon(true);
  }

  /**
   * {@return a watch that has begun}
   *
   * @param target the destination
   * @param connections how many write to the source
   */
  static VisibleRows watch(TestDatabase target, int connections) {
    VisibleRows rows = new VisibleRows(target, connections);
    rows.reader.start();
    return rows;
  }

  /** A row was committed in the source just now. */
  void committed(long key) {
    waiting.get((int) (key >>> 32)).add(new Row(key, System.nanoTime()));
  }

  Latencies latencies() {
    return latencies;
  }

  private void read(TestDatabase target) {
    String greatest =
        IntStream.range(0, waiting.size())
            .mapToObj(
                i ->
                    "(select max(id) from narrow where id < %d)"
                        .formatted(PacedWriter.firstKey(i + 1)))
            .reduce((one, next) -> one + ", " + next)
            .orElseThrow();
    try (Connection connection = target.connect();
        PreparedStatement query = connection.prepareStatement("select " + greatest)) {
      while (!end.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        look(query);
      }
    } catch (SQLException e) {
      System.err.println("reading the destination ended: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(PreparedStatement query) throws SQLException {
    try (ResultSet greatest = query.executeQuery()) {
      if (greatest.next()) {
        long now = System.nanoTime();
        for (int i = 0; i < waiting.size(); i++) {
          long key = greatest.getLong(i + 1);
          if (!greatest.wasNull()) {
            seen(waiting.get(i), key, now);
          }
        }
      }
    }
  }

  /** A row that is seen before its commit was answered is not older than nothing. */
  private void seen(Queue<Row> rows, long key, long now) {
    for (Row row = rows.peek(); row != null && row.key() <= key; row = rows.peek()) {
      latencies.add(Math.max(0, now - row.committedNanos()) / 1_000);
      Row unused = rows.remove();
    }
  }

  @Override
  public void close() {
    end.countDown();
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
