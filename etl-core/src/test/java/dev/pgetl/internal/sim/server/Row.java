package dev.pgetl.internal.sim.server;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A row.
 *
 * @param cells texts by column number; what is not there is null
 */
public record Row(Map<Integer, String> cells) {
  public Row {
    cells = Collections.unmodifiableMap(new TreeMap<>(cells));
  }

  static Row of(int key) {
    return new Row(Map.of(Shape.KEY, Integer.toString(key)));
  }

  String key() {
    return cells.getOrDefault(Shape.KEY, "");
  }

  @Nullable String cell(int column) {
    return cells.get(column);
  }

  Row with(int column, String value) {
    Map<Integer, String> changed = new TreeMap<>(cells);
    changed.put(column, value);
    return new Row(changed);
  }
}
