package dev.pgetl.benchmarks.client;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * The server's own way: a subscription of another server, which copies the tables first. The client
 * only creates it and watches the states of its tables.
 */
public final class SubscriptionClient implements Client {
  /** The subscription; whoever has the subscribing database drops it. */
  public static final String SUBSCRIPTION = "bench";

  /** Finished copy, synchronized, ready; the first is committed together with the rows. */
  private static final String COPIED = "srsubstate in ('f', 's', 'r')";

  private static final String READY = "srsubstate = 'r'";

  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final Duration INTERVAL = Duration.ofMillis(10);

  @Override
  public void run(Task task, Conversation harness) throws IOException, SQLException {
    String url =
        "jdbc:postgresql://%s:%s/%s?sslmode=disable"
            .formatted(
                task.text(Setting.HOST),
                task.text(Setting.SUBSCRIBER_PORT),
                task.text(Setting.SUBSCRIBER_DATABASE));
    String password = System.getenv("PGPASSWORD");
    try (Connection connection =
            DriverManager.getConnection(url, task.text(Setting.USER), password);
        Statement statement = connection.createStatement()) {
      harness.awaitBegin();
      statement.execute(command(task, password));
      awaitAll(statement, COPIED);
      harness.copiedElsewhere();
      awaitAll(statement, READY);
      harness.done();
    }
  }

  private static String command(Task task, String password) {
    String source = RecvLogical.address(task) + " password=" + password;
    return "create subscription %s connection '%s' publication %s"
        .formatted(SUBSCRIPTION, source.replace("'", "''"), task.text(Setting.PUBLICATION));
  }

  private static void awaitAll(Statement statement, String state) {
    Awaitility.await("every table: " + state)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(INTERVAL)
        .until(() -> all(statement, state));
  }

  private static boolean all(Statement statement, String state) throws SQLException {
    try (ResultSet result =
        statement.executeQuery("select bool_and(" + state + ") from pg_subscription_rel")) {
      return result.next() && result.getBoolean(1);
    }
  }
}
