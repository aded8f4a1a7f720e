package dev.pgetl.examples.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares what Postgres holds with what the receiver holds, row by row and value by value. */
final class Comparison {
  private static final int MOST_DIFFERENCES = 20;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter POSTGRES_TIME =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral(' ')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalStart()
          .appendOffset("+HH:mm", "+00")
          .optionalEnd()
          .parseDefaulting(ChronoField.OFFSET_SECONDS, 0)
          .toFormatter();

  private Comparison() {}

  static List<String> differences(DemoSource source, DemoReceiver receiver) {
    List<String> differences = new ArrayList<>();
    for (String table : DemoSource.TABLES) {
      compare(table, source.rows(table), receiver, differences);
    }
    return differences;
  }

  private static void compare(
      String table,
      List<List<@Nullable String>> expected,
      DemoReceiver receiver,
      List<String> differences) {
    Map<String, JsonNode> received = new HashMap<>();
    receiver.rows(table).forEach(row -> received.put(row.get(0).asText(), row));
    int before = differences.size();
    for (List<@Nullable String> row : expected) {
      JsonNode other = received.remove(row.get(0));
      if (other == null) {
        note(differences, table + ": row " + row.get(0) + " is missing");
      } else if (!same(row, other)) {
        note(
            differences,
            table
                + ": row "
                + row.get(0)
                + " differs: "
                + row
                + " in Postgres, "
                + other
                + " received");
      }
    }
    received
        .keySet()
        .forEach(key -> note(differences, table + ": row " + key + " should not be there"));
    System.out.printf(
        "%-10s %7d rows %s%n",
        table, expected.size(), differences.size() == before ? "equal" : "DIFFERENT");
  }

  private static void note(List<String> differences, String difference) {
    if (differences.size() < MOST_DIFFERENCES) {
      differences.add(difference);
    }
  }

  private static boolean same(List<@Nullable String> expected, JsonNode received) {
    if (expected.size() != received.size()) {
      return false;
    }
    for (int i = 0; i < expected.size(); i++) {
      if (!same(expected.get(i), received.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(@Nullable String expected, JsonNode received) {
    if (expected == null || received.isNull()) {
      return expected == null && received.isNull();
    }
    if (received.isBoolean()) {
      return expected.equals(received.asBoolean() ? "t" : "f");
    }
    if (received.isNumber()) {
      return new BigDecimal(expected).compareTo(received.decimalValue()) == 0;
    }
    if (received.isContainerNode()) {
      return received.equals(tree(expected));
    }
    return received.asText().equals(expected) || sameTime(expected, received.asText());
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a value in Postgres is not JSON", e);
    }
  }

  /** Postgres writes {@code 2026-01-02 03:04:05+00}, JSON {@code 2026-01-02T03:04:05Z}. */
  private static boolean sameTime(String expected, String received) {
    if (received.length() < 19 || received.charAt(10) != 'T') {
      return false;
    }
    OffsetDateTime left = OffsetDateTime.parse(expected, POSTGRES_TIME);
    boolean zoned = received.endsWith("Z") || received.lastIndexOf('+') > 10;
    return zoned
        ? left.toInstant().equals(OffsetDateTime.parse(received).toInstant())
        : left.toLocalDateTime().equals(LocalDateTime.parse(received));
  }
}
