package dev.pgetl.it.crash;

import dev.pgetl.event.EventSequence;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link LogDestination} wrote: the rows each table has in the end, and whatever was not
 * as promised on the way. Within a process a table's keys strictly rise; a new process may go back,
 * but not before the position it went on from, and only repeats.
 */
final class DeliveryLog {
  private final Map<String, Map<String, List<@Nullable String>>> tables = new HashMap<>();
  private final Map<String, String> seen = new HashMap<>();
  private final Map<String, EventSequence> last = new HashMap<>();
  private final Set<String> ready = new HashSet<>();
  private final List<String> violations = new ArrayList<>();
  private Lsn position = Lsn.ZERO;
  private int repeated;
  private int events;

  static DeliveryLog read(Path file) throws IOException {
    DeliveryLog log = new DeliveryLog();
    String all = Files.readString(file, StandardCharsets.UTF_8);
    all.lines()
        .filter(line -> line.endsWith(LogDestination.END))
        .map(line -> line.substring(0, line.length() - LogDestination.END.length()).split("\t", -1))
        .forEach(log::take);
    return log;
  }

  private void take(String[] line) {
    switch (line[0]) {
      case "S" -> started(line);
      case "X" -> emptied(line[1]);
      case "R" -> put(line[1], row(line[2]));
      default -> event(line);
    }
  }

  private void started(String[] line) {
    position = Lsn.parse(line[1]);
    ready.clear();
    ready.addAll(List.of(line[2].split(",")));
    last.clear();
  }

  private void emptied(String table) {
    rows(table).clear();
    last.remove(table);
    ready.remove(table);
  }

  private void event(String[] line) {
    events++;
    String table = line[1];
    EventSequence key = new EventSequence(Lsn.parse(line[2]), Long.parseLong(line[3]));
    checkOrder(table, key);
    checkRepetition(table, key, String.join("\t", line));
    apply(line, table);
  }

  private void checkOrder(String table, EventSequence key) {
    EventSequence before = last.put(table, key);
    if (before != null && key.compareTo(before) <= 0) {
      violations.add("table " + table + ": " + key + " came after " + before);
    }
    if (ready.contains(table) && key.commitLsn().isBefore(position)) {
      violations.add("table " + table + ": " + key + " came again, but was durable at " + position);
    }
  }

  private void checkRepetition(String table, EventSequence key, String content) {
    String before = seen.put(table + " " + key, content);
    if (before != null) {
      repeated++;
      if (!before.equals(content)) {
        violations.add("table " + table + ": " + key + " came again with other content");
      }
    }
  }

  private void apply(String[] line, String table) {
    switch (line[0]) {
      case "T" -> rows(table).clear();
      case "I" -> put(table, row(line[4]));
      case "D" -> rows(table).remove(row(line[4]).get(0));
      case "U" -> {
        if (!line[5].isEmpty()) {
          rows(table).remove(row(line[5]).get(0));
        }
        put(table, row(line[4]));
      }
      default -> violations.add("unknown line " + line[0]);
    }
  }

  private void put(String table, List<@Nullable String> row) {
    rows(table).put(String.valueOf(row.get(0)), row);
  }

  private Map<String, List<@Nullable String>> rows(String table) {
    return tables.computeIfAbsent(table, id -> new TreeMap<>());
  }

  private static List<@Nullable String> row(String values) {
    List<@Nullable String> row = new ArrayList<>();
    for (String value : values.split(",")) {
      row.add(
          value.startsWith("=")
              ? new String(Base64.getDecoder().decode(value.substring(1)), StandardCharsets.UTF_8)
              : value.equals("~") ? null : "(absent)");
    }
    return row;
  }

  /** {@return the rows of a table by their first column} */
  Map<String, List<@Nullable String>> table(String oid) {
    return rows(oid);
  }

  /** {@return what was not as promised} */
  List<String> violations() {
    return violations;
  }

  int events() {
    return events;
  }

  int repeated() {
    return repeated;
  }
}
