package dev.pgetl.it.walk;

import dev.pgetl.error.ErrorKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the pipeline may do and report because of the steps since both sides were last equal. Owned
 * by the walk's thread.
 */
final class Expected {
  /** Stands for all tables. */
  static final long ALL = 0;

  private final Map<Long, Set<ErrorKind>> reports = new HashMap<>();
  private final Set<Long> copies = new HashSet<>();
  private final Set<Long> earlierCopies = new HashSet<>();

  /** What the publication has sent of each table before, in the whole walk. */
  private final Map<Long, Set<String>> scopes = new HashMap<>();

  private final Map<Long, String> limits = new HashMap<>();
  private final Map<Long, String> warnings = new HashMap<>();
  private final Set<Long> named = new HashSet<>();

  /** The pipeline may report these kinds for a table. */
  void report(long table, Set<ErrorKind> kinds) {
    reports.computeIfAbsent(table, oid -> new HashSet<>()).addAll(kinds);
  }

  /** A copy of a table is documented. */
  void copy(long table) {
    copies.add(table);
  }

  /**
   * The publication sends other rows or columns of a table. If it has sent the same before, the
   * pipeline may not have looked in between: then another entry of the catalogue is all that is
   * left of it, and the table is copied, because of what was sent meanwhile.
   */
  void scope(long table, String before, String now) {
    Set<String> earlier = scopes.computeIfAbsent(table, key -> new HashSet<>());
    earlier.add(before);
    if (!now.equals(before) && earlier.contains(now)) {
      copies.add(table);
    }
  }

  /** A table may differ without a report, as a documented limit says. */
  void limit(long table, String why) {
    limits.put(table, why);
  }

  /** The status may name a table, and does if it differs, at the next look at the latest. */
  void warning(long table, String why) {
    warnings.put(table, why);
    named.add(table);
  }

  /** A look may come after both sides were found equal. */
  boolean mayBeNamed(long table) {
    return named.contains(table);
  }

  boolean mayReport(ErrorKind kind) {
    return reports.values().stream().anyMatch(kinds -> kinds.contains(kind));
  }

  boolean mayFail(long table) {
    return reports.containsKey(table) || reports.containsKey(ALL);
  }

  /** The look that leads to a copy may come after both sides were found equal, too. */
  boolean mayCopy(long table) {
    return Stream.of(copies, earlierCopies)
        .anyMatch(tables -> tables.contains(table) || tables.contains(ALL));
  }

  Map<Long, String> limits() {
    return Map.copyOf(limits);
  }

  Map<Long, String> warnings() {
    return Map.copyOf(warnings);
  }

  /** The table is being copied again. */
  void resynced(long table) {
    limits.remove(table);
    warnings.remove(table);
    copies.add(table);
  }

  /** Both sides are equal. */
  void clear() {
    reports.clear();
    earlierCopies.clear();
    earlierCopies.addAll(copies);
    copies.clear();
    limits.clear();
    warnings.clear();
  }
}
