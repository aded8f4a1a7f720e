package dev.pgetl.examples.lifecycle;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.pgetl.PipelineRunner;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.examples.destination.JsonLinesDestination;
import dev.pgetl.observe.Health;
import dev.pgetl.observe.Health.Level;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A process that runs a pipeline until it is asked to end, and answers {@code /health}.
 *
 * <pre>{@code
 * examples/run lifecycle.ManagedPipeline    # prints the address of /health; Ctrl-C or SIGTERM ends it
 * examples/run lifecycle.ManagedPipeline \
 *     'jdbc:postgresql://host/shop?user=etl&password=…' publication changes.jsonl
 * }</pre>
 */
public final class ManagedPipeline {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ManagedPipeline() {}

  /** Arguments: the JDBC URL of a source, a publication, a file; without any it runs a demo. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 3) {
      run(PgConnectionConfig.jdbcUrl(arguments[0]).build(), arguments[1], Path.of(arguments[2]));
    } else {
      TestDatabase database = TestPostgres.shared().createDatabase();
      database.execute("create table users (id int primary key, name text)");
      database.execute("insert into users select g, 'user ' || g from generate_series(1, 1000) g");
      database.execute("create publication pub for table users");
      Path file = Files.createTempFile("changes", ".jsonl");
      System.out.println("changes are in " + file);
      run(database.connectionConfig(), "pub", file);
    }
  }

  private static void run(PgConnectionConfig source, String publication, Path file)
      throws IOException, InterruptedException {
    PipelineConfig config =
        PipelineConfig.builder("managed", publication, source)
            .shutdownTimeout(Duration.ofSeconds(4)) // ends in 10 s: Docker kills after that
            .build();
    try (PipelineRunner runner =
        PipelineRunner.builder()
            .pipeline(
                config,
                () -> new MemoryStore(FileLayer.open(Path.of(file + ".state"))),
                () -> new JsonLinesDestination(file))
            .build()) {
      HttpServer server = serve(runner);
      System.out.println("http://localhost:" + server.getAddress().getPort() + "/health");
      runner.runUntilShutdown();
    }
  }

  /** 200 while it works or starts again by itself, 503 when it needs manual intervention. */
  private static HttpServer serve(PipelineRunner runner) throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(anyPort, 0);
    server.createContext(
        "/health",
        exchange -> {
          try (exchange) {
            Health health = runner.status("managed").health();
            byte[] body = JSON.writeValueAsBytes(health);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(health.level() == Level.DOWN ? 503 : 200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    return server;
  }
}
