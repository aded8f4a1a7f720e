package dev.pgetl.it.httpwalk;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a receiver keeps by docs/http-destination.md: the largest key of each table, the
 * Idempotency-Keys since its truncation, what is to replace its rows; and, for the comparison, all
 * changes. Owned by the receiver.
 */
final class Ledger {
  private final Map<Long, Kept> tables = new HashMap<>();
  private final Map<Long, Aside> asides = new HashMap<>();
  private final Set<String> knownEvents = new HashSet<>();

  /** Rows that replace those of a table, and the versions of replacements that did not end. */
  private static final class Aside {
    private final Set<String> discarded = new HashSet<>();
    private String version = "";
    private Kept kept = new Kept();
  }

  private static final class Kept {
    private final Set<String> known = new HashSet<>();
    private final List<Change> copied = new ArrayList<>();
    private final TreeMap<String, Change> events = new TreeMap<>();
    private String largest = "";
    private String copy = "";
    private int lettersBefore;
  }

  boolean knows(Request request) {
    return request.table() == 0
        ? knownEvents.contains(request.key())
        : kept(request.table()).known.contains(request.key());
  }

  /**
   * Takes a request that it does not know.
   *
   * @param without tables that were truncated since it arrived
   * @param letters how many there are
   */
  void take(Request request, Set<Long> without, int letters) {
    switch (request.kind()) {
      case "truncate" -> {
        Kept begun = new Kept();
        begun.lettersBefore = letters;
        tables.put(request.table(), begun);
        asides.remove(request.table());
      }
      case "replace" -> {
        Aside aside = aside(request);
        aside.discarded.add(aside.version);
        aside.version = request.position();
        aside.kept = new Kept();
        aside.kept.lettersBefore = letters;
      }
      case "rows" -> takeRows(request, aside(request));
      case "copied" -> replace(request, aside(request));
      case "events" -> {
        request
            .changes()
            .forEach(
                (table, changes) -> {
                  if (!without.contains(table)) {
                    changes.forEach(change -> takeEvent(change, kept(table)));
                  }
                });
        knownEvents.add(request.key());
      }
      default -> {}
    }
    if (request.table() != 0) {
      kept(request.table()).known.add(request.key());
    }
  }

  private Aside aside(Request request) {
    return asides.computeIfAbsent(request.table(), oid -> new Aside());
  }

  /** Requests of before may arrive again, so their keys stay. */
  private void replace(Request request, Aside aside) {
    if (!aside.version.isEmpty() && request.position().equals(aside.version)) {
      aside.kept.known.addAll(kept(request.table()).known);
      beginAt(request.position(), aside.kept);
      tables.put(request.table(), aside.kept);
      aside.version = "";
    }
  }

  private void takeRows(Request request, Aside aside) {
    if (request.position().equals(aside.version)) {
      takeRows(request, aside.kept);
    } else if (!aside.discarded.contains(request.position())) {
      takeRows(request, kept(request.table()));
    }
  }

  private static void takeRows(Request request, Kept kept) {
    if (!kept.events.isEmpty()) {
      throw new Violation("rows of a copy behind events: " + request.key());
    }
    request.changes().values().forEach(kept.copied::addAll);
    beginAt(request.position(), kept);
  }

  private static void beginAt(String position, Kept kept) {
    kept.copy = key(position);
    kept.largest = kept.copy.compareTo(kept.largest) > 0 ? kept.copy : kept.largest;
  }

  /** {@return the position of a copy as the key of an event} */
  private static String key(String position) {
    String[] halves = position.split("/", -1);
    return "%08X%08X.%012X"
        .formatted(Long.parseLong(halves[0], 16), Long.parseLong(halves[1], 16), 0);
  }

  private static void takeEvent(Change change, Kept kept) {
    if (change.key().compareTo(kept.largest) > 0) {
      kept.largest = change.key();
      kept.events.put(change.key(), change);
    }
  }

  private Kept kept(long table) {
    return tables.computeIfAbsent(table, oid -> new Kept());
  }

  /** {@return the rows of a table by key, with those that became dead letters} */
  Map<String, Map<String, String>> rows(long table, Letters letters) {
    Kept kept = kept(table);
    Map<String, Map<String, String>> rows = new HashMap<>();
    letters.rows(table, kept.lettersBefore).forEach(row -> row.applyTo(rows));
    kept.copied.forEach(row -> row.applyTo(rows));
    TreeMap<String, Change> events = new TreeMap<>(kept.events);
    for (Change letter : letters.events(table, kept.lettersBefore)) {
      if (letter.key().compareTo(kept.copy) > 0) {
        events.putIfAbsent(letter.key(), letter);
      }
    }
    events.values().forEach(event -> event.applyTo(rows));
    return rows;
  }
}
