package dev.pgetl.examples.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A simple receiver: an HTTP server that keeps each table as a map by the row's first column. */
final class DemoReceiver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DemoReceiver.class);

  private final ObjectMapper json = new ObjectMapper();
  private final Map<Long, Map<String, JsonNode>> tables = new ConcurrentHashMap<>();
  private final Map<String, Long> idsByName = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final HttpServer server;

  private DemoReceiver(HttpServer server) {
    this.server = server;
  }

  static DemoReceiver start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    DemoReceiver receiver = new DemoReceiver(server);
    server.setExecutor(receiver.threads);
    server.createContext("/", receiver::answer);
    server.start();
    return receiver;
  }

  String url() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  /** {@return the rows of a table, each an array of values} */
  Collection<JsonNode> rows(String table) {
    Long id = idsByName.get("public." + table);
    return id == null ? List.of() : rows(id).values();
  }

  private Map<String, JsonNode> rows(long table) {
    return tables.computeIfAbsent(table, id -> new ConcurrentHashMap<>());
  }

  private void answer(HttpExchange exchange) throws IOException {
    int status = 200;
    try (exchange;
        InputStream body = exchange.getRequestBody()) {
      try {
        take(exchange.getRequestURI().getPath(), body);
      } catch (IllegalArgumentException | IOException e) {
        LOG.warn("request not understood", e);
        status = 400;
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private void take(String path, InputStream body) throws IOException {
    if (path.equals("/events")) {
      json.readTree(body).get("events").forEach(this::apply);
    } else if (path.endsWith("/rows")) {
      takeRows(json.readTree(body));
    } else if (path.endsWith("/truncate")) {
      rows(Long.parseLong(path.split("/")[2])).clear();
    } else {
      throw new IllegalArgumentException("unknown path " + path);
    }
  }

  private void takeRows(JsonNode request) {
    long table = request.get("table_id").asLong();
    idsByName.put(request.get("table").asText(), table);
    request.get("rows").forEach(row -> put(table, row.get("values")));
  }

  private void put(long table, JsonNode values) {
    rows(table).put(values.get(0).asText(), values);
  }

  private void apply(JsonNode event) {
    switch (event.get("type").asText()) {
      case "insert" -> put(table(event), event.get("row").get("values"));
      case "update" -> update(event);
      case "delete" -> rows(table(event)).remove(oldKey(event));
      case "truncate" -> event.get("truncated").forEach(table -> rows(table(table)).clear());
      default -> LOG.trace("nothing to do"); // transactions begin and end, schemas change
    }
  }

  private void update(JsonNode event) {
    long table = table(event);
    JsonNode values = event.get("row").get("values");
    if (event.has("old")) {
      rows(table).remove(oldKey(event));
    }
    put(table, values);
  }

  private static long table(JsonNode event) {
    return event.get("table_id").asLong();
  }

  private static String oldKey(JsonNode event) {
    return event.get("old").get("values").get(0).asText();
  }

  /** {@return the names of all tables that ever arrived} */
  List<String> tables() {
    return new ArrayList<>(idsByName.keySet());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
