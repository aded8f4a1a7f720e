package dev.pgetl.it.crash;

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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each table as a map by its first column, and leaves out every event whose key is not behind
 * the last one of its table, or behind its copy; a truncation begins again, and a replacement keeps
 * its rows aside until it is complete. It leaves out requests about copies whose key it knows. Some
 * requests it refuses, some it takes without an answer. Thread-safe.
 */
final class DeduplicatingReceiver implements AutoCloseable {
  private static final int ONE_IN = 25;

  private final ObjectMapper json = new ObjectMapper();
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final HttpServer server;
  private final Object lock = new Object();
  private final Random random;
  private final Map<Long, Map<String, List<@Nullable String>>> tables = new HashMap<>();
  private final Map<Long, KeptAside> asides = new HashMap<>();
  private final Map<Long, String> lastKeys = new HashMap<>();
  private final Set<String> knownRequests = new HashSet<>();
  private long repeated;
  private long refused;
  private long unanswered;

  /** The rows of a version that replace those of the table in the end. */
  private record KeptAside(String version, Map<String, List<@Nullable String>> rows) {}

  DeduplicatingReceiver(long seed) throws IOException {
    random = new Random(seed);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange;
        InputStream body = exchange.getRequestBody()) {
      byte[] content = body.readAllBytes();
      int status;
      synchronized (lock) {
        int trouble = random.nextInt(2 * ONE_IN);
        if (trouble == 0) {
          refused++;
          status = 503;
        } else {
          String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
          take(exchange.getRequestURI().getPath(), key, content);
          status = trouble == 1 ? -1 : 200;
        }
      }
      if (status < 0) {
        unanswered++;
      } else {
        exchange.sendResponseHeaders(status, -1);
      }
    }
  }

  private void take(String path, String requestKey, byte[] content) throws IOException {
    if (path.equals("/events")) {
      json.readTree(content).get("events").forEach(this::apply);
    } else if (!knownRequests.add(requestKey)) {
      repeated++;
    } else if (path.endsWith("/truncate")) {
      long table = Long.parseLong(path.split("/")[2]);
      asides.remove(table);
      rows(table).clear();
      lastKeys.remove(table);
    } else {
      copy(path.substring(path.lastIndexOf('/')), json.readTree(content));
    }
  }

  private void copy(String what, JsonNode request) {
    long table = request.get("table_id").asLong();
    String version = request.get("schema_version").asText();
    KeptAside aside = asides.getOrDefault(table, new KeptAside("", Map.of()));
    boolean isAside = aside.version().equals(version);
    Map<String, List<@Nullable String>> rows = isAside ? aside.rows() : rows(table);
    switch (what) {
      case "/replace" -> asides.put(table, new KeptAside(version, new HashMap<>()));
      case "/rows" -> {
        request.get("rows").forEach(row -> put(rows, row, List.of()));
        if (!isAside) {
          beginAt(table, version);
        }
      }
      case "/remove" ->
          request.get("ranges").forEach(range -> rows.keySet().removeIf(key -> isIn(range, key)));
      case "/copied" -> {
        if (isAside) {
          asides.remove(table);
          tables.put(table, rows);
          lastKeys.remove(table);
          beginAt(table, version);
        }
      }
      default -> throw new IllegalArgumentException("unknown request " + what);
    }
  }

  private void beginAt(long table, String version) {
    String unused =
        lastKeys.merge(
            table, key(version), (last, copied) -> last.compareTo(copied) > 0 ? last : copied);
  }

  /** The first column is an integer. */
  private static boolean isIn(JsonNode range, String key) {
    long value = Long.parseLong(key);
    return (range.get("from").isNull() || value >= range.get("from").asLong())
        && (range.get("to").isNull() || value < range.get("to").asLong());
  }

  /** {@return the position of a copy as the key of an event} */
  private static String key(String version) {
    String[] halves = version.split("/");
    return "%08X%08X.%012X"
        .formatted(Long.parseLong(halves[0], 16), Long.parseLong(halves[1], 16), 0);
  }

  private void apply(JsonNode event) {
    if (event.has("truncated")) {
      event.get("truncated").forEach(table -> apply(event, table.get("table_id").asLong()));
    } else if (event.has("row") || event.has("old")) {
      apply(event, event.get("table_id").asLong());
    }
  }

  private void apply(JsonNode event, long table) {
    String key = event.get("key").asText();
    String last = lastKeys.getOrDefault(table, "");
    if (key.compareTo(last) <= 0) {
      repeated++;
      return;
    }
    lastKeys.put(table, key);
    Map<String, List<@Nullable String>> rows = rows(table);
    switch (event.get("type").asText()) {
      case "insert" -> put(rows, event.get("row"), List.of());
      case "update" -> {
        JsonNode identity = event.get(event.has("old") ? "old" : "row");
        List<@Nullable String> before = rows.remove(identity.get("values").get(0).asText());
        put(rows, event.get("row"), before == null ? List.of() : before);
      }
      case "delete" -> rows.remove(event.get("old").get("values").get(0).asText());
      case "truncate" -> rows.clear();
      default -> throw new IllegalArgumentException("unknown type " + event.get("type"));
    }
  }

  /** The only column that can be absent is the last one. */
  private static void put(
      Map<String, List<@Nullable String>> rows, JsonNode row, List<@Nullable String> before) {
    List<@Nullable String> values = new ArrayList<>();
    row.get("values").forEach(value -> values.add(value.isNull() ? null : value.asText()));
    if (row.has("absent") && !before.isEmpty()) {
      int last = values.size() - 1;
      values.set(last, before.get(last));
    }
    rows.put(String.valueOf(values.get(0)), values);
  }

  private Map<String, List<@Nullable String>> rows(long table) {
    return tables.computeIfAbsent(table, id -> new HashMap<>());
  }

  Collection<List<@Nullable String>> content(long table) {
    synchronized (lock) {
      return List.copyOf(rows(table).values());
    }
  }

  /** {@return what it went through} */
  String experience() {
    synchronized (lock) {
      return repeated
          + " repeated events and requests left out, "
          + refused
          + " requests refused, "
          + unanswered
          + " taken without an answer";
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
