package dev.pgetl.destination.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgetl.destination.http.TestReceiver.Exchange;
import dev.pgetl.destination.http.TestReceiver.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A receiver that fails in every way by chance, and understands the format: it drops requests whose
 * key it knows and events whose key it knows, and keeps the rows.
 */
final class FaultyReceiver {
  private static final int LARGEST_BODY = 6_000;

  private final Random random;

  /**
   * For each key of a request: how often it was taken and answered, and taken without the client
   * knowing.
   */
  private final Map<String, int[]> outcomes = new HashMap<>();

  private final Set<String> requestKeys = new HashSet<>();
  private final Set<String> eventKeys = new HashSet<>();
  private final Map<Long, String> lastEvent = new HashMap<>();
  private final Map<Long, Map<String, String>> tables = new HashMap<>();
  private final Map<Long, List<String>> copied = new HashMap<>();
  private final List<String> complaints = new ArrayList<>();
  private int duplicateEvents;

  FaultyReceiver(long seed) {
    random = new Random(seed);
  }

  void answer(Exchange exchange) throws IOException {
    switch (draw(20)) {
      case 0 -> refuse(exchange, 500);
      case 1 -> refuse(exchange, 503, "Retry-After", "0");
      case 2 -> refuse(exchange, 429, "Retry-After", "0");
      case 3 -> exchange.reset();
      case 4 -> TestReceiver.resetAfter(40).answer(exchange);
      case 5 -> takeSecretly(exchange, "");
      case 6 -> takeSecretly(exchange, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nha");
      case 7 -> takeSecretly(exchange, "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n");
      case 8 -> takeSlowly(exchange);
      default -> take(exchange);
    }
  }

  private synchronized int draw(int bound) {
    return random.nextInt(bound);
  }

  private static void refuse(Exchange exchange, int status, String... headers) throws IOException {
    exchange.readRequest();
    exchange.reply(status, "", headers);
  }

  private void take(Exchange exchange) throws IOException {
    Request request = exchange.readRequest();
    if (request.raw().length > LARGEST_BODY) {
      exchange.reply(413, "");
      return;
    }
    process(request, 0);
    exchange.reply(200, "thanks");
  }

  private void takeSecretly(Exchange exchange, String answer) throws IOException {
    Request request = exchange.readRequest();
    if (request.raw().length <= LARGEST_BODY) {
      process(request, 1);
    }
    if (answer.isEmpty()) {
      exchange.reset();
    } else {
      exchange.write(answer);
      exchange.close();
    }
  }

  /** Takes the request, but answers when the client has lost its patience. */
  private void takeSlowly(Exchange exchange) throws IOException {
    Request request = exchange.readRequest();
    if (request.raw().length <= LARGEST_BODY) {
      process(request, 1);
    }
    try {
      boolean never = new CountDownLatch(1).await(1, TimeUnit.SECONDS);
      exchange.reply(never ? 500 : 200, "");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void process(Request request, int outcome) {
    outcomes.computeIfAbsent(request.key(), key -> new int[2])[outcome]++;
    boolean isNew = requestKeys.add(request.key());
    String[] path = request.path().split("/", -1);
    if (path[1].equals("events")) {
      request.json().get("events").forEach(this::apply);
    } else if (isNew && path[3].equals("truncate")) {
      copied.remove(Long.parseLong(path[2]));
    } else if (isNew && path[3].equals("remove")) {
      List<String> rows = copied.getOrDefault(Long.parseLong(path[2]), new ArrayList<>());
      request.json().get("ranges").forEach(range -> remove(rows, range));
    } else if (isNew) {
      List<String> rows = copied.computeIfAbsent(Long.parseLong(path[2]), id -> new ArrayList<>());
      request.json().get("rows").forEach(row -> rows.add(row.get("values").toString()));
    }
  }

  /** The key is a number, and the first value of a row. */
  private static void remove(List<String> rows, JsonNode range) {
    rows.removeIf(
        row -> {
          long key = Long.parseLong(row.substring(1, row.indexOf(',')));
          return key >= range.get("from").asLong() && key < range.get("to").asLong();
        });
  }

  private void apply(JsonNode event) {
    String key = event.get("key").asText();
    if (!eventKeys.add(key)) {
      duplicateEvents++;
      return;
    }
    if (!event.has("table_id")) {
      return;
    }
    long table = event.get("table_id").asLong();
    String before = lastEvent.put(table, key);
    if (before != null && before.compareTo(key) >= 0) {
      complaints.add("event " + key + " came behind " + before);
    }
    Map<String, String> rows = tables.computeIfAbsent(table, id -> new TreeMap<>());
    if (event.get("type").asText().equals("delete")) {
      rows.remove(event.get("old").get("values").get(0).asText());
    } else {
      JsonNode values = event.get("row").get("values");
      rows.put(values.get(0).asText(), values.toString());
    }
  }

  synchronized Map<String, String> table(long id) {
    return Map.copyOf(tables.getOrDefault(id, Map.of()));
  }

  synchronized List<String> copied(long id) {
    return List.copyOf(copied.getOrDefault(id, List.of()));
  }

  synchronized List<String> complaints() {
    return List.copyOf(complaints);
  }

  synchronized int duplicateEvents() {
    return duplicateEvents;
  }

  /**
   * {@return how often each request was taken and answered, and how often taken unknown to the
   * client}
   */
  synchronized Map<String, int[]> outcomes() {
    return Map.copyOf(outcomes);
  }
}
