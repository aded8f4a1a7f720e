package dev.pgetl.destination.postgres.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * New names of columns in an order in which each name is free when it is needed. Names that are
 * exchanged need one more name meanwhile. Not thread-safe; no I/O.
 */
final class Renamings {
  private static final String ASIDE = "pgetl_renamed_";

  /** A column that gets another name. */
  record Renaming(String from, String to) {}

  private final Map<String, String> names = new LinkedHashMap<>();

  void add(String from, String to) {
    names.put(from, to);
  }

  /** {@return whether a column leaves its name to another one} */
  boolean frees(String name) {
    return names.containsKey(name);
  }

  /** {@return all of them in order} */
  List<Renaming> ordered() {
    Map<String, String> left = new LinkedHashMap<>(names);
    List<Renaming> ordered = new ArrayList<>();
    int aside = 0;
    while (!left.isEmpty()) {
      String from = first(left);
      String to = Objects.requireNonNull(left.remove(from));
      if (left.containsKey(to)) {
        String other = ASIDE + ++aside;
        ordered.add(new Renaming(from, other));
        left.put(other, to);
      } else {
        ordered.add(new Renaming(from, to));
      }
    }
    return ordered;
  }

  /** One whose new name is free; any of them if names are exchanged. */
  private static String first(Map<String, String> left) {
    return left.entrySet().stream()
        .filter(each -> !left.containsKey(each.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseGet(() -> left.keySet().iterator().next());
  }
}
