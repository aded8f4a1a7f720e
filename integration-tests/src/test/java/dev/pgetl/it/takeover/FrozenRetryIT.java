package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An owner is stopped while it waits to retry a request, and wakes when another one owns. */
@ExtendWith(PostgresExtension.class)
class FrozenRetryIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int OK = 200;
  private static final int BUSY = 503;

  @TempDir Path directory;

  private final TestDatabase database;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private HttpServer receiver;
  private volatile int answer = OK;

  /** A request, with the epoch that it names. */
  private record Request(long epoch, int answer, String path) {}

  FrozenRetryIT(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void start() throws IOException {
    database.execute("create table t (id bigint primary key); create publication pub for table t;");
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/", this::answer);
    receiver.start();
  }

  @AfterEach
  void stop() {
    receiver.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] unused = exchange.getRequestBody().readAllBytes();
      long epoch = Long.parseLong(exchange.getRequestHeaders().getFirst("Pgetl-Epoch"));
      int status = answer;
      requests.add(new Request(epoch, status, exchange.getRequestURI().getPath()));
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private ReplicaProcess replica(String name) {
    TestPostgres server = database.server();
    String url =
        database.jdbcUrl()
            + "?user="
            + server.username()
            + "&password="
            + server.password().reveal();
    return ReplicaProcess.start(
        directory,
        name,
        List.of(url, directory.resolve("calls").toString(), name),
        "-Dreplica.lease=2000",
        "-Dreplica.receiver=http://localhost:" + receiver.getAddress().getPort());
  }

  private long awaitAnswer(int status, long epoch) {
    return await("answer " + status + " behind epoch " + epoch)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                requests.stream()
                    .filter(each -> each.answer == status && each.epoch > epoch)
                    .mapToLong(Request::epoch)
                    .findFirst()
                    .orElse(0),
            found -> found > 0);
  }

  @Test
  void noRetryFollowsTheTakeover() throws IOException, InterruptedException {
    try (ReplicaProcess one = replica("one")) {
      one.awaitLine("started RUNNING");
      try (ReplicaProcess other = replica("other")) {
        other.awaitLine("standby one");
        answer = BUSY;
        database.execute("insert into t values (1)");
        long first = awaitAnswer(BUSY, 0);
        one.pause(); // it waits for longer than that takes
        answer = OK;
        long second = awaitAnswer(OK, first);
        one.wake();
        one.awaitLine("standby other");
        one.stop();
        other.stop();
        assertThat(requests.subList(firstOf(second), requests.size()))
            .extracting(Request::epoch)
            .containsOnly(second);
      }
    }
  }

  private int firstOf(long epoch) {
    return requests.stream().map(Request::epoch).toList().indexOf(epoch);
  }
}
