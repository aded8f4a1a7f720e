// tag::jsonLinesReader[]
package dev.pgetl.examples.destination;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a table with a primary key from the lines of a file. */
final class JsonLinesReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TableSchema table;
  private final Map<List<String>, Map<String, @Nullable String>> rows = new LinkedHashMap<>();

  private JsonLinesReader(TableSchema table) {
    this.table = table;
  }

  static List<List<@Nullable String>> rows(Path file, TableSchema table) throws IOException {
    JsonLinesReader reader = new JsonLinesReader(table);
    for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
      JsonNode change = JSON.readTree(line);
      if (change.get("oid").asLong() == table.id().oid()) {
        reader.apply(change);
      }
    }
    List<List<@Nullable String>> content = new ArrayList<>();
    for (Map<String, @Nullable String> row : reader.rows.values()) {
      content.add(reader.values(row));
    }
    return content;
  }

  private List<@Nullable String> values(Map<String, @Nullable String> row) {
    List<@Nullable String> values = new ArrayList<>();
    table.columns().forEach(column -> values.add(row.get(column.name())));
    return values;
  }

  private void apply(JsonNode change) {
    switch (change.get("op").asText()) {
      case "truncate" -> rows.clear();
      case "delete" -> rows.remove(key(change.get("old")));
      case "remove" -> remove(change);
      default -> put(change);
    }
  }

  private void remove(JsonNode change) {
    KeyRange range =
        new KeyRange(
            change.get("column").asText(),
            change.get("from").textValue(),
            change.get("to").textValue());
    rows.values().removeIf(row -> range.contains(tableRow(row)));
  }

  private TableRow tableRow(Map<String, @Nullable String> row) {
    return TestTable.row(table, values(row).toArray(new @Nullable String[0]));
  }

  /** Columns that the line does not have keep their value. */
  private void put(JsonNode change) {
    JsonNode values = change.get("row");
    Map<String, @Nullable String> before =
        rows.remove(key(change.has("old") ? change.get("old") : values));
    Map<String, @Nullable String> row = before == null ? new HashMap<>() : before;
    values.properties().forEach(value -> row.put(value.getKey(), value.getValue().textValue()));
    rows.put(key(values), row);
  }

  private List<String> key(JsonNode values) {
    return table.primaryKey().stream().map(column -> values.get(column.name()).asText()).toList();
  }
}
// end::jsonLinesReader[]
