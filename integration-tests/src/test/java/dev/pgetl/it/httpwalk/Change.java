package dev.pgetl.it.httpwalk;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An item of a request, for one table. Columns that are absent are in no map; values are JSON.
 *
 * @param key of the event, empty for a copied row
 * @param type of the event, {@code row} for a copied row
 */
record Change(String key, String type, Map<String, String> row, Map<String, String> old) {

  static Change copied(JsonNode item, @Nullable List<String> columns) {
    return new Change("", "row", values(item, columns), Map.of());
  }

  static Change event(JsonNode item, @Nullable List<String> columns) {
    return new Change(
        item.required("key").asText(),
        item.required("type").asText(),
        item.has("row") ? values(item.get("row"), columns) : Map.of(),
        item.has("old") ? values(item.get("old"), columns) : Map.of());
  }

  /**
   * {@return the present columns}
   *
   * @param columns in order; null if values have names
   */
  private static Map<String, String> values(JsonNode row, @Nullable List<String> columns) {
    Set<String> absent = new HashSet<>();
    row.path("absent").forEach(name -> absent.add(name.asText()));
    Map<String, String> present = new HashMap<>();
    JsonNode values = row.required("values");
    if (columns == null) {
      values.properties().forEach(each -> present.put(each.getKey(), each.getValue().toString()));
      if (present.keySet().stream().anyMatch(absent::contains)) {
        throw new Violation("absent, and there: " + absent);
      }
      return present;
    }
    if (!values.isArray() || values.size() != columns.size()) {
      throw new Violation("not one value for each of " + columns);
    }
    for (int i = 0; i < columns.size(); i++) {
      if (!absent.contains(columns.get(i))) {
        present.put(columns.get(i), values.get(i).toString());
      }
    }
    return present;
  }

  /** Changes the rows of a table, by the value of their column {@code id}. */
  void applyTo(Map<String, Map<String, String>> rows) {
    switch (type) {
      case "row", "insert" -> rows.put(id(row), new HashMap<>(row));
      case "update" -> {
        Map<String, String> before = rows.remove(id(old.containsKey("id") ? old : row));
        Map<String, String> after = new HashMap<>(before == null ? Map.of() : before);
        after.putAll(row);
        rows.put(id(row), after);
      }
      case "delete" -> rows.remove(id(old));
      case "truncate" -> rows.clear();
      default -> throw new Violation("unknown type " + type);
    }
  }

  private static String id(Map<String, String> row) {
    String id = row.get("id");
    if (id == null) {
      throw new Violation("a row without its key: " + row.keySet());
    }
    return id;
  }
}
