package dev.pgetl.status.page;

import com.sun.net.httpserver.HttpServer;
import dev.pgetl.PipelineRunner;
import dev.pgetl.RunStatus;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.status.json.StatusHistory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A web page that shows the status of pipelines: what is wrong first, then lag and throughput of
 * the last hour, and the tables. It changes nothing, and shows neither a secret nor a cell value.
 *
 * <pre>{@code
 * try (StatusPage page = StatusPage.builder().runner(runner).port(8099).start()) {
 *   runner.runUntilShutdown(); // page.uri() is http://127.0.0.1:8099/
 * }
 * }</pre>
 *
 * <p>It listens on the loopback address unless it is given another, and has no login: put a proxy
 * with one in front of it before others can reach it. See {@code docs/status-page.md}.
 *
 * <p><b>Threads.</b> Safe for concurrent use. At most seven daemon threads, which end with {@link
 * #close()}: four that answer, one for time, and two of the JDK's server. They read the status, and
 * wait for no pipeline.
 *
 * <p><b>Failures.</b> Of a request: in its answer and the log. They never reach a pipeline.
 */
public final class StatusPage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusPage.class);

  private final HttpServer server;
  private final RequestThreads threads;
  private final AtomicBoolean closed = new AtomicBoolean();

  private StatusPage(HttpServer server, RequestThreads threads) {
    this.server = server;
    this.threads = threads;
  }

  /** {@return a builder of a page without pipelines} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return the address of the page; the status as JSON is at {@code status} below it} */
  public URI uri() {
    InetSocketAddress address = server.getAddress();
    InetAddress host = address.getAddress();
    String name = host.isAnyLocalAddress() ? "localhost" : host.getHostAddress();
    String literal = name.contains(":") ? "[" + name.replaceFirst("%.*", "") + "]" : name;
    return URI.create("http://" + literal + ":" + address.getPort() + "/");
  }

  /** Ends the page and its threads, within 10 seconds. Does nothing the second time. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      server.stop(0);
      threads.close();
    }
  }

  /** Builds a {@link StatusPage}. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Supplier<PipelineStatus>> pipelines = new LinkedHashMap<>();
    private final List<Supplier<Map<String, RunStatus>>> runners = new ArrayList<>();
    private final Set<String> hosts = new LinkedHashSet<>();
    private InetAddress address = InetAddress.getLoopbackAddress();
    private int port;
    private Duration requestLimit = Duration.ofSeconds(10);
    private Duration interval = StatusHistory.INTERVAL;

    private Builder() {}

    /**
     * Adds a pipeline that the application starts.
     *
     * @param id its id
     * @param status its status now, such as {@code pipeline::status}; called from several threads
     * @return this builder
     * @throws IllegalArgumentException if there is one with this id already
     */
    public Builder pipeline(String id, Supplier<PipelineStatus> status) {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(status, "status");
      if (pipelines.putIfAbsent(id, status) != null) {
        throw new IllegalArgumentException("two pipelines have the id " + id);
      }
      return this;
    }

    /**
     * Adds all pipelines of a runner.
     *
     * @param runner the runner; the page does not start or close it
     * @return this builder
     */
    public Builder runner(PipelineRunner runner) {
      runners.add(Objects.requireNonNull(runner, "runner")::status);
      return this;
    }

    /**
     * Sets where the page listens; default the loopback address, which other machines cannot reach.
     *
     * @param value an address of this machine; the wildcard address for all of them
     * @return this builder
     */
    public Builder address(InetAddress value) {
      address = Objects.requireNonNull(value, "address");
      return this;
    }

    /**
     * Sets the port; default 0, any that is free.
     *
     * @param value 0 to 65535
     * @return this builder
     */
    public Builder port(int value) {
      if (value < 0 || value > 65_535) {
        throw new IllegalArgumentException("port must be 0 to 65535, is " + value);
      }
      port = value;
      return this;
    }

    /**
     * Allows a host name in the address that browsers use, for example that of a proxy; default
     * {@code localhost} and addresses only. Requests for other names are refused with 403: any web
     * page could make the browser send them (DNS rebinding).
     *
     * @param value the name, without a port
     * @return this builder
     */
    public Builder allowedHost(String value) {
      hosts.add(Objects.requireNonNull(value, "allowedHost"));
      return this;
    }

    /** How long a request may take. */
    Builder requestLimit(Duration value) {
      requestLimit = value;
      return this;
    }

    /** How often a sample is taken. */
    Builder interval(Duration value) {
      interval = value;
      return this;
    }

    /**
     * {@return the page, which answers}
     *
     * @throws IOException if it cannot listen there, for example because the port is in use
     * @throws IllegalArgumentException if it has no pipeline
     */
    public StatusPage start() throws IOException {
      if (pipelines.isEmpty() && runners.isEmpty()) {
        throw new IllegalArgumentException("a status page needs at least one pipeline");
      }
      PageContent content =
          new PageContent(new Sources(pipelines, runners), InstantSource.system());
      HttpServer server = listen();
      PageHandler handler = new PageHandler(content, new AllowedHosts(hosts));
      RequestThreads threads = new RequestThreads(requestLimit);
      server.createContext("/", handler);
      server.setExecutor(threads);
      startDaemon(server);
      threads.repeat(() -> sample(content, handler), interval);
      StatusPage page = new StatusPage(server, threads);
      LOG.info("status page at {}", page.uri());
      return page;
    }

    private HttpServer listen() throws IOException {
      InetSocketAddress where = new InetSocketAddress(address, port);
      if (!address.isLoopbackAddress()) {
        LOG.warn("status page on {} can be reached by other machines, and has no login", where);
      }
      try {
        return HttpServer.create(where, 0);
      } catch (IOException e) {
        throw new IOException("status page cannot listen on " + where, e);
      }
    }

    private static void sample(PageContent content, PageHandler handler) {
      try {
        content.sample();
      } catch (RuntimeException e) {
        handler.logOnce(e);
      }
    }

    /** The server's own thread is a daemon if the one that starts it is. */
    private static void startDaemon(HttpServer server) {
      Thread starting = new Thread(server::start, "etl-status-page-start");
      starting.setDaemon(true);
      starting.start();
      try {
        starting.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // it starts all the same
      }
    }
  }
}
