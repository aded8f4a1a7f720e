package dev.pgetl.destination.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgetl.destination.http.TestReceiver.Exchange;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.destination.http.json.EventJson;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A receiver as the documentation recommends: it keeps tables, knows the last event of each and the
 * keys of all requests about its copies, keeps rows aside that replace others, and takes rows by
 * name. Keys of tables are numbers.
 */
final class TableReceiver {
  private final Map<Long, Table> tables = new HashMap<>();
  private final Map<Long, Aside> asides = new HashMap<>();
  private final Set<String> knownKeys = new HashSet<>();
  private boolean broken;

  /**
   * What is kept aside of a table.
   *
   * @param version the version of the rows
   * @param rows the rows
   * @param discarded versions of replacements that have not ended
   */
  private record Aside(String version, Table rows, Set<String> discarded) {}

  private static final class Table {
    private final Map<List<String>, Map<String, @Nullable String>> rows = new LinkedHashMap<>();
    private final List<String> keyColumns = new ArrayList<>();
    private String lastEvent = "";

    /** A copy may be of another history, whose keys are smaller. */
    void startOver() {
      rows.clear();
      lastEvent = "";
    }

    /** What is behind the copy's own position is in the copy, or of before the truncation. */
    void beginAt(String copyVersion) {
      String key = EventJson.key(new EventSequence(Lsn.parse(copyVersion), 0));
      lastEvent = key.compareTo(lastEvent) > 0 ? key : lastEvent;
    }

    /** The key of the last event stays. */
    void remove(JsonNode range) {
      String column = range.get("column").asText();
      rows.values().removeIf(row -> contains(range, new BigDecimal(row.get(column))));
    }

    private static boolean contains(JsonNode range, BigDecimal key) {
      JsonNode from = range.get("from");
      JsonNode to = range.get("to");
      return (from.isNull() || key.compareTo(new BigDecimal(from.asText())) >= 0)
          && (to.isNull() || key.compareTo(new BigDecimal(to.asText())) < 0);
    }

    void describe(JsonNode description) {
      keyColumns.clear();
      for (JsonNode column : description.get("columns")) {
        if (column.get("identity").asBoolean()) {
          keyColumns.add(column.get("name").asText());
        }
      }
    }

    List<String> key(JsonNode values) {
      return keyColumns.stream().map(name -> values.get(name).asText()).toList();
    }

    void put(List<String> oldKey, JsonNode values) {
      Map<String, @Nullable String> row = rows.remove(oldKey);
      Map<String, @Nullable String> merged = row == null ? new HashMap<>() : row;
      values
          .properties()
          .forEach(
              value ->
                  merged.put(
                      value.getKey(),
                      value.getValue().isNull() ? null : value.getValue().asText()));
      rows.put(key(values), merged);
    }

    void apply(JsonNode event) {
      String type = event.get("type").asText();
      List<String> oldKey = event.has("old") ? key(event.get("old").get("values")) : List.of();
      if (type.equals("delete")) {
        rows.remove(oldKey);
      } else if (event.has("row")) {
        JsonNode values = event.get("row").get("values");
        put(oldKey.isEmpty() ? key(values) : oldKey, values);
      } else if (type.equals("truncate")) {
        rows.clear();
      }
    }
  }

  synchronized void breakDown(boolean isBroken) {
    broken = isBroken;
  }

  synchronized void answer(Exchange exchange) throws IOException {
    Request request = exchange.readRequest();
    if (broken) {
      exchange.reply(503, "");
      return;
    }
    String[] path = request.path().split("/", -1);
    if (path[1].equals("events")) {
      takeEvents(request.json());
    } else if (knownKeys.add(request.key())) {
      take(path[3], Long.parseLong(path[2]), request);
    }
    exchange.reply(200, "");
  }

  private void take(String kind, long id, Request request) throws IOException {
    if (kind.equals("truncate")) {
      asides.remove(id);
      table(id).startOver();
    } else if (request.raw().length > 0) {
      String version = request.json().get("schema_version").asText();
      Aside aside = asides.getOrDefault(id, new Aside("", new Table(), new HashSet<>()));
      boolean isAside = aside.version().equals(version);
      if (kind.equals("replace")) {
        aside.discarded().add(aside.version());
        asides.put(id, new Aside(version, new Table(), aside.discarded()));
      } else if (kind.equals("copied") && isAside) {
        tables.put(id, aside.rows());
        asides.put(id, new Aside("", new Table(), aside.discarded()));
      } else if (isAside || !aside.discarded().contains(version)) {
        take(kind, isAside ? aside.rows() : table(id), request.json());
      }
    }
  }

  private static void take(String kind, Table table, JsonNode body) {
    switch (kind) {
      case "remove" -> body.get("ranges").forEach(table::remove);
      case "rows" -> takeRows(table, body);
      default -> assertThat(kind).isEqualTo("copied");
    }
  }

  private static void takeRows(Table table, JsonNode body) {
    table.describe(body);
    for (JsonNode row : body.get("rows")) {
      table.put(table.key(row.get("values")), row.get("values"));
    }
    table.beginAt(body.get("schema_version").asText());
  }

  private void takeEvents(JsonNode body) {
    for (JsonNode description : body.get("tables")) {
      table(description.get("table_id").asLong()).describe(description);
    }
    for (JsonNode event : body.get("events")) {
      if (event.has("table_id")) {
        takeEvent(event, event);
      } else if (event.has("truncated")) {
        event.get("truncated").forEach(truncated -> takeEvent(truncated, event));
      }
    }
  }

  private void takeEvent(JsonNode reference, JsonNode event) {
    Table table = table(reference.get("table_id").asLong());
    String key = event.get("key").asText();
    if (key.compareTo(table.lastEvent) > 0) {
      table.lastEvent = key;
      table.apply(event);
    }
  }

  private Table table(long id) {
    return tables.computeIfAbsent(id, key -> new Table());
  }

  synchronized List<List<@Nullable String>> content(TableSchema table) {
    List<List<@Nullable String>> content = new ArrayList<>();
    for (Map<String, @Nullable String> row : table(table.id().oid()).rows.values()) {
      List<@Nullable String> values = new ArrayList<>();
      for (ColumnSchema column : table.columns()) {
        values.add(row.get(column.name()));
      }
      content.add(values);
    }
    return content;
  }
}
