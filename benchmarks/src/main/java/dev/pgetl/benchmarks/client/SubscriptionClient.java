package dev.pgetl.benchmarks.client;

import dev.pgetl.benchmarks.measure.Latencies;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * The server's own way: a subscription of another server. The client only creates it, and watches
 * the states of its tables, or the position that its slot has confirmed.
 */
public final class SubscriptionClient implements Client {
  /** The subscription; whoever has the subscribing database drops it. */
  public static final String SUBSCRIPTION = "bench";

  /** Finished copy, synchronized, ready; the first is committed together with the rows. */
  private static final String COPIED =
      "select bool_and(srsubstate in ('f', 's', 'r')) from pg_subscription_rel";

  private static final String READY = "select bool_and(srsubstate = 'r') from pg_subscription_rel";

  /** The subscriber confirms only what it has flushed, whatever its {@code synchronous_commit}. */
  private static final String CONFIRMED =
      "select confirmed_flush_lsn >= '%s' from pg_replication_slots where slot_name = '%s'";

  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final Duration INTERVAL = Duration.ofMillis(10);

  @Override
  public void run(Task task, Conversation harness) throws IOException, SQLException {
    try (Connection connection =
            connect(task, task.text(Setting.SUBSCRIBER_PORT), Setting.SUBSCRIBER_DATABASE);
        Connection source = connect(task, task.text(Setting.PORT), Setting.DATABASE);
        Statement statement = connection.createStatement();
        Statement sender = source.createStatement()) {
      harness.awaitBegin();
      statement.execute(command(task));
      switch (task.mode()) {
        case REPLICA_STREAM -> {
          await(sender, CONFIRMED.formatted(task.target(), task.text(Setting.SLOT)));
          harness.done();
        }
        case REPLICA_FOLLOW -> harness.follow(new Latencies());
        default -> {
          await(statement, COPIED);
          harness.copiedElsewhere();
          await(statement, READY);
          harness.done();
        }
      }
    }
  }

  private static Connection connect(Task task, String port, Setting database) throws SQLException {
    String url =
        "jdbc:postgresql://%s:%s/%s?sslmode=disable"
            .formatted(task.text(Setting.HOST), port, task.text(database));
    return DriverManager.getConnection(url, task.text(Setting.USER), System.getenv("PGPASSWORD"));
  }

  private static String command(Task task) {
    String source = RecvLogical.address(task) + " password=" + System.getenv("PGPASSWORD");
    List<String> options = new ArrayList<>();
    if (task.mode() == Task.Mode.REPLICA_STREAM || task.mode() == Task.Mode.REPLICA_FOLLOW) {
      options.add("copy_data = false, create_slot = false");
      options.add("slot_name = " + task.text(Setting.SLOT));
    }
    if (task.has(Setting.BINARY)) {
      options.add("binary = true");
    }
    if (task.has(Setting.STREAMING)) {
      options.add("streaming = " + task.text(Setting.STREAMING));
    }
    return "create subscription %s connection '%s' publication %s%s"
        .formatted(
            SUBSCRIPTION,
            source.replace("'", "''"),
            task.text(Setting.PUBLICATION),
            options.isEmpty() ? "" : " with (" + String.join(", ", options) + ")");
  }

  private static void await(Statement statement, String condition) {
    Awaitility.await(condition)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(INTERVAL)
        .until(() -> holds(statement, condition));
  }

  private static boolean holds(Statement statement, String condition) throws SQLException {
    try (ResultSet result = statement.executeQuery(condition)) {
      return result.next() && result.getBoolean(1);
    }
  }
}
