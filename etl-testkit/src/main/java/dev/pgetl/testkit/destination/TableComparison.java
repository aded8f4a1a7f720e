package dev.pgetl.testkit.destination;

import dev.pgetl.data.TableRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares what the source holds with what was delivered, cell by cell in the text form of
 * Postgres. A column of the source that a delivered row's version does not have, because it came
 * later or is not published, is left out for that row; a column that it has and that was never sent
 * is a difference.
 */
final class TableComparison {
  private static final int SHOWN = 10;
  private static final String NEVER_SENT = "<never sent>";

  private final List<String> columns;
  private final List<String> differences = new ArrayList<>();

  private TableComparison(List<String> columns) {
    this.columns = columns;
  }

  /** The differences, the first few of them in words; empty if there are none. */
  static List<String> differences(
      List<String> columns, List<List<@Nullable String>> source, List<TableRow> delivered) {
    TableComparison comparison = new TableComparison(columns);
    List<List<@Nullable String>> missing = source;
    for (Map.Entry<List<String>, List<TableRow>> group :
        comparison.byColumns(delivered).entrySet()) {
      missing = comparison.match(group.getKey(), missing, group.getValue());
    }
    missing.forEach(row -> comparison.differences.add("not delivered: " + row));
    return shortened(comparison.differences);
  }

  private static List<String> shortened(List<String> differences) {
    if (differences.size() <= SHOWN) {
      return differences;
    }
    List<String> some = new ArrayList<>(differences.subList(0, SHOWN));
    some.add("and " + (differences.size() - SHOWN) + " more");
    return some;
  }

  /** Rows with the most columns first: they leave the least choice. */
  private Map<List<String>, List<TableRow>> byColumns(List<TableRow> delivered) {
    Map<List<String>, List<TableRow>> groups = new HashMap<>();
    for (TableRow row : delivered) {
      List<String> known =
          columns.stream().filter(column -> row.table().indexOf(column) >= 0).toList();
      groups.computeIfAbsent(known, unknown -> new ArrayList<>()).add(row);
    }
    Map<List<String>, List<TableRow>> sorted = new LinkedHashMap<>();
    groups.entrySet().stream()
        .sorted((a, b) -> b.getKey().size() - a.getKey().size())
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  /** Takes away the rows of the source that were delivered. */
  private List<List<@Nullable String>> match(
      List<String> known, List<List<@Nullable String>> source, List<TableRow> delivered) {
    Map<List<@Nullable String>, Deque<List<@Nullable String>>> unmatched = new LinkedHashMap<>();
    for (List<@Nullable String> row : source) {
      unmatched.computeIfAbsent(projected(row, known), key -> new ArrayDeque<>(1)).add(row);
    }
    for (TableRow row : delivered) {
      List<@Nullable String> texts = texts(row, known);
      Deque<List<@Nullable String>> alike = unmatched.get(texts);
      if (alike == null || alike.poll() == null) {
        differences.add("not in the source: " + texts);
      }
    }
    List<List<@Nullable String>> rest = new ArrayList<>();
    unmatched.values().forEach(rest::addAll);
    return rest;
  }

  private List<@Nullable String> projected(List<@Nullable String> row, List<String> known) {
    if (known.size() == columns.size()) {
      return row;
    }
    List<@Nullable String> projected = new ArrayList<>(known.size());
    for (String column : known) {
      projected.add(row.get(columns.indexOf(column)));
    }
    return projected;
  }

  private static List<@Nullable String> texts(TableRow row, List<String> known) {
    List<@Nullable String> texts = new ArrayList<>(known.size());
    for (String column : known) {
      int index = row.table().indexOf(column);
      texts.add(row.isPresent(index) ? row.text(index) : NEVER_SENT);
    }
    return texts;
  }
}
