package dev.pgetl.testkit.crash;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link DeliveryJournal} wrote: the final rows of each table, and all violations on the
 * way.
 *
 * <ul>
 *   <li>While a connection lasts, a table's keys (commit LSN, ordinal) strictly rise.
 *   <li>A new process, or a new connection, may go back once per table; then it repeats what was
 *       delivered, unchanged.
 *   <li>A table that was ready never goes back before the position its process started from.
 * </ul>
 *
 * <p>Rows of a range that was removed are gone; the keys of the table's events are not. Rows of a
 * replacement count once it has ended.
 */
final class DeliveryLog {
  private static final String ABSENT = "(absent)";
  private static final int MAX_VIOLATIONS = 20;

  private final Map<String, Map<String, List<@Nullable String>>> tables = new HashMap<>();
  private final Map<String, KeptAside> asides = new HashMap<>();
  private final Map<String, Integer> seen = new HashMap<>();
  private final Map<String, EventSequence> last = new HashMap<>();
  private final Map<String, EventSequence> applied = new HashMap<>();
  private final Set<String> mayGoBack = new HashSet<>();
  private final Set<String> ready = new HashSet<>();
  private final List<String> violations = new ArrayList<>();
  private Lsn position = Lsn.ZERO;
  private long repeated;
  private long events;
  private long copied;
  private long removedRanges;
  private long replacements;

  /**
   * What a replacement has brought so far.
   *
   * @param version of the copy
   * @param rows its rows
   */
  private record KeptAside(String version, Map<String, List<@Nullable String>> rows) {}

  static DeliveryLog read(Path file) {
    DeliveryLog log = new DeliveryLog();
    try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
      lines
          .filter(line -> line.endsWith(DeliveryJournal.END))
          .map(line -> line.substring(0, line.length() - DeliveryJournal.END.length()))
          .forEach(log::take);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return log;
  }

  private void take(String text) {
    String[] line = text.split("\t", -1);
    switch (line[0]) {
      case "S" -> started(line);
      case "C" -> mayGoBack.addAll(last.keySet());
      case "X" -> {
        asides.remove(line[1]);
        emptied(line[1]);
      }
      case "P" -> asides.put(line[1], new KeptAside(line[2], new TreeMap<>()));
      case "E" -> copied(line[1], line[2]);
      case "V" -> removed(line);
      case "R" -> {
        copied++;
        put(copy(line[1], line[3]), row(line[2]), List.of());
      }
      default -> event(line, text);
    }
  }

  private void started(String[] line) {
    position = Lsn.parse(line[1]);
    ready.clear();
    ready.addAll(List.of(line[2].split(",")));
    last.clear();
    mayGoBack.clear();
  }

  private void emptied(String table) {
    rows(table).clear();
    last.remove(table);
    applied.remove(table);
    ready.remove(table);
  }

  /** {@return the rows that a copy writes to: those aside, or those that readers find} */
  private Map<String, List<@Nullable String>> copy(String table, String version) {
    KeptAside aside = asides.get(table);
    return aside != null && aside.version().equals(version) ? aside.rows() : rows(table);
  }

  private void copied(String table, String version) {
    KeptAside aside = asides.get(table);
    if (aside != null && aside.version().equals(version)) {
      replacements++;
      asides.remove(table);
      emptied(table);
      rows(table).putAll(aside.rows());
    }
  }

  private void removed(String[] line) {
    removedRanges++;
    int column = Integer.parseInt(line[2]);
    TableSchema key =
        TestTable.named("key").key("key", PgType.base(Long.parseLong(line[3]), line[4])).build();
    KeyRange range = new KeyRange("key", value(line[5]), value(line[6]));
    copy(line[1], line[7])
        .values()
        .removeIf(row -> range.contains(TestTable.row(key, row.get(column))));
  }

  private void event(String[] line, String text) {
    events++;
    String table = line[1];
    EventSequence key = new EventSequence(Lsn.parse(line[2]), Long.parseLong(line[3]));
    if (asides.containsKey(table)) {
      violation("table " + table + ": " + key + " came before the end of a replacement");
    }
    checkOrder(table, key);
    checkRepetition(table, key, text);
    if (isNew(table, key)) {
      apply(line, table);
    }
  }

  /**
   * A repetition has no effect, as in any destination that remembers the last key: otherwise a row
   * would already have its new key, and columns that the event did not send would be lost.
   */
  private boolean isNew(String table, EventSequence key) {
    EventSequence before = applied.get(table);
    boolean isNew = before == null || key.compareTo(before) > 0;
    if (isNew) {
      applied.put(table, key);
    }
    return isNew;
  }

  private void checkOrder(String table, EventSequence key) {
    EventSequence before = last.put(table, key);
    if (before != null && key.compareTo(before) <= 0 && !mayGoBack.remove(table)) {
      violation("table " + table + ": " + key + " came after " + before);
    }
    if (ready.contains(table) && key.commitLsn().isBefore(position)) {
      violation(
          "table " + table + ": " + key + " was delivered again, but was durable at " + position);
    }
  }

  private void checkRepetition(String table, EventSequence key, String content) {
    Integer before = seen.put(table + " " + key, content.hashCode());
    if (before != null) {
      repeated++;
      if (before != content.hashCode()) {
        violation("table " + table + ": " + key + " was delivered again with other content");
      }
    }
  }

  private void violation(String what) {
    if (violations.size() < MAX_VIOLATIONS) {
      violations.add(what);
    }
  }

  private void apply(String[] line, String table) {
    switch (line[0]) {
      case "T" -> rows(table).clear();
      case "I" -> put(rows(table), row(line[4]), List.of());
      case "D" -> rows(table).remove(row(line[4]).get(0));
      case "U" -> update(table, row(line[4]), line[5]);
      default -> violation("unknown line " + line[0]);
    }
  }

  private void update(String table, List<@Nullable String> row, String old) {
    String key = old.isEmpty() ? row.get(0) : row(old).get(0);
    List<@Nullable String> before = rows(table).remove(key);
    put(rows(table), row, before == null ? List.of() : before);
  }

  /** Absent columns keep what they were. */
  private static void put(
      Map<String, List<@Nullable String>> rows,
      List<@Nullable String> row,
      List<@Nullable String> before) {
    List<@Nullable String> complete = new ArrayList<>(row);
    for (int i = 0; i < before.size(); i++) {
      if (ABSENT.equals(complete.get(i))) {
        complete.set(i, before.get(i));
      }
    }
    rows.put(String.valueOf(row.get(0)), complete);
  }

  private Map<String, List<@Nullable String>> rows(String table) {
    return tables.computeIfAbsent(table, id -> new TreeMap<>());
  }

  private static List<@Nullable String> row(String values) {
    List<@Nullable String> row = new ArrayList<>();
    for (String value : values.split(",")) {
      row.add(value(value));
    }
    return row;
  }

  private static @Nullable String value(String encoded) {
    return encoded.startsWith("=")
        ? new String(Base64.getDecoder().decode(encoded.substring(1)), StandardCharsets.UTF_8)
        : encoded.equals("~") ? null : ABSENT;
  }

  /** {@return the rows of a table by their first column} */
  Map<String, List<@Nullable String>> table(String oid) {
    return rows(oid);
  }

  /** {@return the violations} */
  List<String> violations() {
    return violations;
  }

  long events() {
    return events;
  }

  long repeated() {
    return repeated;
  }

  long copied() {
    return copied;
  }

  long removedRanges() {
    return removedRanges;
  }

  long replacements() {
    return replacements;
  }
}
