package dev.pgetl.internal.verify;

import dev.pgetl.verify.DifferentRow;
import dev.pgetl.verify.KeyHash;
import dev.pgetl.verify.RowPart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys that differ and are not decided, and those that are. Owned by one thread. */
final class OpenKeys {
  /** A key that is not decided. */
  private record Open(RowPart part, Sighting last) {}

  private final Map<List<String>, Open> open = new LinkedHashMap<>();
  private final List<DifferentRow> differences = new ArrayList<>();
  private long settled;

  /**
   * Takes the first look at the keys of a part.
   *
   * @param applied see {@link Sighting}
   * @return how many rows of the source are equal
   */
  long first(RowPart part, List<KeyHash> source, List<KeyHash> target, boolean applied) {
    Map<List<String>, KeyHash> sources = byKey(source);
    Map<List<String>, KeyHash> targets = byKey(target);
    long equal = 0;
    for (List<String> key : union(sources, targets)) {
      Sighting look = new Sighting(sources.get(key), targets.get(key), false, applied);
      if (look.isEqual()) {
        equal += rows(look.source());
      } else {
        open.put(key, new Open(part, look));
      }
    }
    return equal;
  }

  /**
   * Takes another look at keys.
   *
   * @param asked the keys
   * @return how many rows of the source are equal now
   */
  long again(
      List<List<String>> asked,
      List<KeyHash> source,
      List<KeyHash> target,
      boolean quiet,
      boolean applied) {
    Map<List<String>, KeyHash> sources = byKey(source);
    Map<List<String>, KeyHash> targets = byKey(target);
    long equal = 0;
    for (List<String> key : asked) {
      Sighting look = new Sighting(sources.get(key), targets.get(key), quiet, applied);
      equal += judge(key, look);
    }
    return equal;
  }

  private long judge(List<String> key, Sighting look) {
    Open before = open.get(key);
    if (before == null) {
      return 0;
    }
    switch (Judge.of(before.last(), look)) {
      case EQUAL -> {
        Open unused = open.remove(key);
        settled++;
        return rows(look.source());
      }
      case DIFFERENT -> {
        Open unused = open.remove(key);
        differences.add(row(key, new Open(before.part(), look)));
      }
      case UNDECIDED -> open.put(key, new Open(before.part(), look));
    }
    return 0;
  }

  /** {@return the keys that are not decided} */
  List<List<String>> keys() {
    return List.copyOf(open.keySet());
  }

  int size() {
    return open.size();
  }

  long settled() {
    return settled;
  }

  /** {@return the keys that differ} */
  List<DifferentRow> differences() {
    return differences;
  }

  /** {@return the keys that are not decided, and how they differed last} */
  List<DifferentRow> undecided() {
    return open.entrySet().stream().map(each -> row(each.getKey(), each.getValue())).toList();
  }

  private static DifferentRow row(List<String> key, Open open) {
    return DifferentRow.of(
        rows(open.last().source()), rows(open.last().target()), key, open.part());
  }

  private static long rows(@Nullable KeyHash rows) {
    return rows == null ? 0 : rows.rows();
  }

  private static Set<List<String>> union(
      Map<List<String>, KeyHash> sources, Map<List<String>, KeyHash> targets) {
    Set<List<String>> all = new HashSet<>(sources.keySet());
    all.addAll(targets.keySet());
    return all;
  }

  private static Map<List<String>, KeyHash> byKey(List<KeyHash> rows) {
    Map<List<String>, KeyHash> byKey = new HashMap<>();
    rows.forEach(row -> byKey.put(row.key(), row));
    return byKey;
  }
}
