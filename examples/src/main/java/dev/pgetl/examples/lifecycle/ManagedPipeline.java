package dev.pgetl.examples.lifecycle;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.examples.destination.JsonLinesDestination;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase.Errored;
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
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline for a container. {@code start}, {@code stop} and {@code isRunning} are what Spring's
 * {@code SmartLifecycle} calls, {@code health} is what its {@code HealthIndicator} asks; there is
 * no Spring in it. Thread-safe.
 *
 * <pre>{@code
 * examples/run lifecycle.ManagedPipeline    # prints the address of /health; Ctrl-C or SIGTERM ends it
 * examples/run lifecycle.ManagedPipeline \
 *     'jdbc:postgresql://host/shop?user=etl&password=…' publication changes.jsonl
 * }</pre>
 */
public final class ManagedPipeline {
  private static final Set<State> ALIVE =
      EnumSet.of(State.STARTING, State.STANDBY, State.RUNNING, State.PAUSED, State.STOPPING);
  private static final long LAG_LIMIT = 64L << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Supplier<Pipeline> pipelines;
  private volatile @Nullable Pipeline pipeline;

  /**
   * Creates what is started and stopped.
   *
   * @param pipelines creates one for each start, because a pipeline runs once; all with the same id
   *     and store, so that each continues where the last one ended
   */
  public ManagedPipeline(Supplier<Pipeline> pipelines) {
    this.pipelines = pipelines;
  }

  /** Returns when it runs; throws why it cannot. */
  public synchronized void start() {
    if (!isRunning()) {
      Pipeline next = pipelines.get();
      pipeline = next;
      next.start();
    }
  }

  public boolean isRunning() {
    Pipeline current = pipeline;
    return current != null && ALIVE.contains(current.status().state());
  }

  /**
   * Returns when it has ended, after little more than twice its {@code shutdownTimeout} at most.
   */
  public void stop() {
    Pipeline current = pipeline;
    if (current != null) {
      current.close();
    }
  }

  /** The health of a pipeline. */
  public enum Level {
    /** All tables are streamed, and not far behind. */
    UP,
    /** It works, but not all of it, or not as fast as it should. */
    DEGRADED,
    /** It does nothing until it is started. */
    DOWN
  }

  /**
   * The answer of {@code /health}.
   *
   * @param level how it is
   * @param reasons why it is not {@code UP}
   * @param lagBytes of WAL that the destination does not have; null if that is not known
   * @param delayMillis from the last commit delivered until the destination had it, or since the
   *     oldest that it does not have
   */
  public record Health(
      Level level, List<String> reasons, @Nullable Long lagBytes, long delayMillis) {}

  public Health health() {
    Pipeline current = pipeline;
    if (current == null) {
      return new Health(Level.DOWN, List.of("not started"), null, 0);
    }
    PipelineStatus status = current.status();
    boolean isUp = status.state() == State.RUNNING || status.state() == State.PAUSED;
    List<String> reasons = isUp ? shortcomings(status) : List.of(end(current, status.state()));
    OptionalLong lagBytes = status.stream().lagBytes();
    return new Health(
        isUp ? (reasons.isEmpty() ? Level.UP : Level.DEGRADED) : Level.DOWN,
        reasons,
        lagBytes.isPresent() ? lagBytes.getAsLong() : null,
        status.stream().delay().toMillis());
  }

  private static List<String> shortcomings(PipelineStatus status) {
    List<String> reasons = new ArrayList<>();
    status.pausedSince().ifPresent(since -> reasons.add("paused since " + since));
    if (!status.stream().connected()) {
      reasons.add("the source is not connected");
    }
    status.stream()
        .failure()
        .ifPresent(
            failing ->
                reasons.add(
                    "since " + failing.since() + ": " + failing.kind() + ": " + failing.message()));
    if (status.stream().lagBytes().orElse(0) > LAG_LIMIT) {
      reasons.add("the destination is far behind");
    }
    for (TableStatus table : status.tables().values()) {
      if (table.phase() instanceof Errored errored) {
        reasons.add(table.name() + ": " + errored.reason() + "; " + errored.solution());
      } else if (table.pausedSince().isPresent()) {
        reasons.add(table.name() + " is paused since " + table.pausedSince().get());
      } else if (!table.isReady()) {
        reasons.add(table.name() + " is still being copied: " + table.phase().name());
      }
    }
    return reasons;
  }

  private static String end(Pipeline pipeline, State state) {
    try {
      pipeline.awaitTermination(Duration.ZERO); // throws what ended it
      return state.name();
    } catch (EtlException e) {
      return state + ": " + e.kind() + ": " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return state.name();
    }
  }

  /** Arguments: the JDBC URL of a source, a publication, a file; without any it runs a demo. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 3) {
      Path file = Path.of(arguments[2]);
      PgConnectionConfig source = PgConnectionConfig.jdbcUrl(arguments[0]).build();
      MemoryStore store = new MemoryStore(FileLayer.open(Path.of(file + ".state")));
      run(new ManagedPipeline(() -> pipeline(source, arguments[1], store, file)));
    } else {
      TestDatabase database = TestPostgres.shared().createDatabase();
      database.execute("create table users (id int primary key, name text)");
      database.execute("create publication pub for table users");
      Path file = Files.createTempFile("changes", ".jsonl");
      MemoryStore store = new MemoryStore();
      run(new ManagedPipeline(() -> pipeline(database.connectionConfig(), "pub", store, file)));
      database.execute("insert into users select g, 'user ' || g from generate_series(1, 1000) g");
      System.out.println("changes are in " + file);
    }
  }

  private static Pipeline pipeline(
      PgConnectionConfig source, String publication, PipelineStore store, Path file) {
    PipelineConfig config =
        PipelineConfig.builder("managed", publication, source)
            .shutdownTimeout(Duration.ofSeconds(4)) // ends in 10 s: Docker kills after that
            .build();
    return Pipeline.create(config, store, new JsonLinesDestination(file));
  }

  /** Returns at once; the HTTP server's thread keeps the process alive. */
  private static void run(ManagedPipeline managed) throws IOException {
    HttpServer server = serve(managed);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  managed.stop();
                  System.out.println("stopped: " + managed.health());
                },
                "managed-stop"));
    System.out.println("http://localhost:" + server.getAddress().getPort() + "/health");
    managed.start();
  }

  /** 200 while it works, 503 when it is down: for a liveness probe. */
  private static HttpServer serve(ManagedPipeline managed) throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(anyPort, 0);
    server.createContext(
        "/health",
        exchange -> {
          try (exchange) {
            Health health = managed.health();
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
