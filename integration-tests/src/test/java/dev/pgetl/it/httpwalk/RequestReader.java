package dev.pgetl.it.httpwalk;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.pgetl.destination.http.RowLayout;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Reads requests, and checks everything that docs/http-destination.md says of one. */
final class RequestReader {
  private static final Pattern PATH =
      Pattern.compile("/in/(?:tables/(\\d+)/(truncate|replace|rows|copied)|(events))");

  private final Settings settings;
  private final Source source;

  RequestReader(Settings settings, Source source) {
    this.settings = settings;
    this.source = source;
  }

  Request read(HttpExchange exchange, byte[] sent) throws IOException {
    Headers headers = exchange.getRequestHeaders();
    Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
    check(path.matches(), "path " + exchange.getRequestURI());
    check(length(headers) == sent.length, "Content-Length is not that of the body");
    check(
        String.valueOf(headers.getFirst("Authorization")).equals("Bearer " + HttpWalkIT.TOKEN),
        "no token");
    String kind = path.group(3) == null ? path.group(2) : path.group(3);
    check(
        exchange.getRequestMethod().equals(kind.equals("truncate") ? "DELETE" : "POST"),
        "method " + exchange.getRequestMethod());
    String text = StrictJson.utf8(unpacked(headers, sent));
    long table = path.group(1) == null ? 0 : Long.parseLong(path.group(1));
    boolean empty = kind.equals("truncate") || (kind.equals("copied") && !settings.replaces());
    check(text.isEmpty() == empty, "a body of " + text.length() + " characters: " + kind);
    Body body = empty ? new Body("", List.of(), Map.of()) : body(kind, table, text, headers);
    Request request =
        new Request(
            kind,
            table,
            header(headers, "Idempotency-Key"),
            tag(headers),
            body.position(),
            body.items().stream().map(JsonNode::toString).toList(),
            body.changes(),
            text);
    checkKey(request, body);
    return request;
  }

  /** The parts of a body. */
  private record Body(String position, List<JsonNode> items, Map<Long, List<Change>> changes) {}

  private static int length(Headers headers) {
    String length = headers.getFirst("Content-Length");
    return length == null ? 0 : Integer.parseInt(length);
  }

  private static Tag tag(Headers headers) {
    return new Tag(
        Integer.parseInt(header(headers, Tag.INSTANCE)),
        Long.parseLong(header(headers, Tag.CALL)),
        header(headers, Tag.BATCH));
  }

  private static String header(Headers headers, String name) {
    return Objects.requireNonNull(headers.getFirst(name), name);
  }

  private byte[] unpacked(Headers headers, byte[] sent) throws IOException {
    boolean packed = "gzip".equals(headers.getFirst("Content-Encoding"));
    check(packed == (settings.gzip() && sent.length > 0), "Content-Encoding");
    if (!packed) {
      return sent;
    }
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(sent))) {
      return in.readAllBytes();
    }
  }

  private Body body(String kind, long table, String text, Headers headers) {
    boolean rows = !kind.equals("events");
    List<JsonNode> items = new ArrayList<>();
    Map<String, List<String>> versions = new HashMap<>();
    String position = "";
    if (settings.lines()) {
      check(text.endsWith("\n"), "no line break at the end");
      check(text.indexOf('\r') < 0, "an item has a line break");
      text.lines()
          .filter(line -> !line.isEmpty())
          .forEach(line -> items.add(StrictJson.parse(line)));
      position = rows ? header(headers, Settings.VERSION_HEADER) : "";
    } else {
      check(text.indexOf('\n') < 0 && text.indexOf('\r') < 0, "an item has a line break");
      JsonNode body = StrictJson.parse(text);
      check(body.required("version").toString().equals("1"), "version " + body.get("version"));
      body.required(rows ? "rows" : kind).forEach(items::add);
      (rows ? List.of(body) : body.required("tables"))
          .forEach(each -> versions.put(version(each), source.checkDescription(each)));
      position = rows ? body.required("schema_version").asText() : "";
      check(!rows || body.required("table_id").asLong() == table, "not the table of the path");
    }
    check(kind.equals("rows") || !rows || items.isEmpty(), "rows in a request of kind " + kind);
    Map<Long, List<Change>> changes = new HashMap<>();
    for (JsonNode item : items) {
      if (rows) {
        List<String> columns = columns(versions, table + "@" + position);
        add(changes, table, Change.copied(item, columns));
      } else {
        addEvent(changes, item, versions);
      }
    }
    return new Body(position, items, changes);
  }

  private void addEvent(
      Map<Long, List<Change>> changes, JsonNode event, Map<String, List<String>> versions) {
    if (event.has("truncated")) {
      for (JsonNode table : event.get("truncated")) {
        add(changes, table.required("table_id").asLong(), Change.event(event, List.of()));
      }
    } else if (event.has("table_id")) {
      source.checkName(event);
      List<String> columns = columns(versions, version(event));
      if (!event.required("type").asText().equals("relation")) {
        add(changes, event.get("table_id").asLong(), Change.event(event, columns));
      }
    }
  }

  private static void add(Map<Long, List<Change>> changes, long table, Change change) {
    changes.computeIfAbsent(table, oid -> new ArrayList<>()).add(change);
  }

  static String version(JsonNode table) {
    return table.required("table_id").asLong() + "@" + table.required("schema_version").asText();
  }

  private @Nullable List<String> columns(Map<String, List<String>> versions, String version) {
    if (settings.lines()) {
      return null;
    }
    List<String> columns = versions.get(version);
    check(columns != null, "no description of " + version);
    return settings.layout() == RowLayout.NAMES ? null : columns;
  }

  private static void checkKey(Request request, Body body) {
    String begin =
        switch (request.kind()) {
          case "events" -> "events-" + body.items().get(0).required("key").asText();
          default -> request.kind() + "-" + request.table();
        };
    check(request.key().startsWith(begin + "-"), "key " + request.key());
    check(request.key().getBytes(StandardCharsets.UTF_8).length <= 255, "key " + request.key());
  }

  private static void check(boolean right, String what) {
    if (!right) {
      throw new Violation(what);
    }
  }
}
