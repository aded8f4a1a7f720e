package dev.pgetl.benchmarks.client;

import dev.pgetl.benchmarks.measure.Latencies;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.copy.CopyOut;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** pgjdbc as it comes, only counting: what a loop of a few lines reaches. */
public final class DriverClient implements Client {
  private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");
  private static final int COMMIT_TIME_OFFSET = 18;
  private static final int ACKNOWLEDGE_EVERY = 10_000;

  private final Latencies latencies = new Latencies();
  private long changes;

  @Override
  public void run(Task task, Conversation harness)
      throws IOException, SQLException, InterruptedException, ExecutionException {
    harness.awaitBegin();
    switch (task.mode()) {
      case STREAM -> stream(task, harness);
      case COPY -> harness.done(copy(task));
      case RESUME, REPLICA_STREAM, REPLICA_COPY, REPLICA_FOLLOW ->
          throw new IllegalArgumentException("the driver keeps no state and writes nothing");
      case FOLLOW -> {
        Thread reader = new Thread(() -> follow(task), "reader");
        reader.setDaemon(true);
        reader.start();
        harness.follow(latencies);
      }
    }
  }

  private void stream(Task task, Conversation harness) throws SQLException, IOException {
    try (Connection connection = connect(task, true)) {
      PGReplicationStream stream = start(task, connection);
      LogSequenceNumber target = LogSequenceNumber.valueOf(task.target().value());
      while (stream.getLastReceiveLSN().compareTo(target) < 0) {
        take(next(stream));
        if (changes % ACKNOWLEDGE_EVERY == 0) {
          acknowledge(stream);
        }
      }
      acknowledge(stream);
      stream.forceUpdateStatus();
      harness.done(changes);
      connection.abort(Runnable::run);
    }
  }

  private void follow(Task task) {
    try (Connection connection = connect(task, true)) {
      PGReplicationStream stream = start(task, connection);
      while (true) {
        take(next(stream));
        acknowledge(stream);
      }
    } catch (SQLException e) {
      System.err.println("following the stream ended: " + e);
    }
  }

  private static PGReplicationStream start(Task task, Connection connection) throws SQLException {
    return connection
        .unwrap(PGConnection.class)
        .getReplicationAPI()
        .replicationStream()
        .logical()
        .withSlotName(task.text(Setting.SLOT))
        .withSlotOption("proto_version", "1")
        .withSlotOption("publication_names", task.text(Setting.PUBLICATION))
        .withSlotOption("messages", "true")
        .withStatusInterval(1, TimeUnit.SECONDS)
        .withAutomaticFlush(false)
        .start();
  }

  private static ByteBuffer next(PGReplicationStream stream) throws SQLException {
    ByteBuffer message = stream.readPending();
    return message == null ? stream.read() : message;
  }

  private static void acknowledge(PGReplicationStream stream) {
    stream.setAppliedLSN(stream.getLastReceiveLSN());
    stream.setFlushedLSN(stream.getLastReceiveLSN());
  }

  private void take(ByteBuffer message) {
    switch (message.get(message.position())) {
      case 'I', 'U', 'D' -> changes++;
      case 'C' -> {
        long micros = message.getLong(message.position() + COMMIT_TIME_OFFSET);
        Instant committed = POSTGRES_EPOCH.plus(micros, ChronoUnit.MICROS);
        latencies.add(ChronoUnit.MICROS.between(committed, Instant.now()));
      }
      default -> {}
    }
  }

  private static long copy(Task task)
      throws InterruptedException, ExecutionException, SQLException {
    int connections = task.has(Setting.CONNECTIONS) ? (int) task.number(Setting.CONNECTIONS) : 1;
    ExecutorService threads = Executors.newFixedThreadPool(connections);
    try {
      long rows = 0;
      for (String table : task.tables()) {
        List<Future<Long>> parts = new ArrayList<>();
        for (String query : parts(task, table, connections)) {
          parts.add(threads.submit(() -> copy(task, query)));
        }
        for (Future<Long> part : parts) {
          rows += part.get();
        }
      }
      return rows;
    } finally {
      threads.shutdown();
    }
  }

  private static List<String> parts(Task task, String table, int connections) throws SQLException {
    if (connections == 1) {
      return List.of("table only " + table);
    }
    long blocks = blocks(task, table);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      boolean last = i == connections - 1;
      parts.add(
          "select * from only %s where ctid >= '(%d,0)'%s"
              .formatted(
                  table,
                  blocks * i / connections,
                  last ? "" : " and ctid < '(%d,0)'".formatted(blocks * (i + 1) / connections)));
    }
    return parts;
  }

  private static long blocks(Task task, String table) throws SQLException {
    try (Connection connection = connect(task, false);
        var statement = connection.createStatement();
        var result =
            statement.executeQuery("select pg_relation_size('%s') / 8192".formatted(table))) {
      result.next();
      return result.getLong(1);
    }
  }

  private static long copy(Task task, String query) throws SQLException {
    try (Connection connection = connect(task, false)) {
      CopyOut out =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut("copy (" + query + ") to stdout");
      long rows = 0;
      while (out.readFromCopy() != null) {
        rows++;
      }
      return rows;
    }
  }

  private static Connection connect(Task task, boolean replication) throws SQLException {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, task.text(Setting.USER));
    PGProperty.PASSWORD.set(properties, System.getenv("PGPASSWORD"));
    if (task.has(Setting.CERTIFICATE)) {
      PGProperty.SSL_MODE.set(properties, "verify-full");
      PGProperty.SSL_ROOT_CERT.set(properties, task.text(Setting.CERTIFICATE));
    } else {
      PGProperty.SSL_MODE.set(properties, "disable");
    }
    if (replication) {
      PGProperty.REPLICATION.set(properties, "database");
      PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
      PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    }
    String url =
        "jdbc:postgresql://%s:%s/%s"
            .formatted(
                task.text(Setting.HOST), task.text(Setting.PORT), task.text(Setting.DATABASE));
    return DriverManager.getConnection(url, properties);
  }
}
