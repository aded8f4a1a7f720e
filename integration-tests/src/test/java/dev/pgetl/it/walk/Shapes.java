package dev.pgetl.it.walk;

import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the source's catalogue said of each table, and from which position of the WAL on. Owned by
 * the walk's thread.
 */
final class Shapes {
  private final Map<Long, TreeMap<Lsn, Shape>> histories = new HashMap<>();

  /** From where on the shapes of a position may hold: the change lies somewhere in between. */
  private final TreeMap<Lsn, Lsn> begins = new TreeMap<>();

  private Lsn held = Lsn.ZERO;

  /** What was remembered last holds for everything committed before a position. */
  void holdUntil(Lsn position) {
    held = position;
  }

  /** Remembers what holds for everything committed from a position on. */
  void remember(Lsn from, Collection<Shape> shapes) {
    histories.values().forEach(history -> history.tailMap(from, false).clear());
    begins.tailMap(from, false).clear();
    begins.put(from, held.isAfter(from) ? from : held);
    held = from;
    for (Shape shape : shapes) {
      TreeMap<Lsn, Shape> history = histories.computeIfAbsent(shape.oid(), oid -> new TreeMap<>());
      if (history.isEmpty() || !history.lastEntry().getValue().equals(shape)) {
        history.put(from, shape);
      }
    }
  }

  /** {@return the shape of a table for what was committed at a position} */
  Shape at(long oid, Lsn commit) {
    NavigableMap<Lsn, Shape> history = history(oid);
    Map.Entry<Lsn, Shape> entry = history.floorEntry(commit);
    return (entry == null ? history.firstEntry() : entry).getValue();
  }

  /**
   * {@return the number of a column for what was committed at a position; null if there never was
   * one} A transaction that changes the table itself has columns of the shape after it.
   */
  @Nullable Integer number(long oid, Lsn commit, String column) {
    NavigableMap<Lsn, Shape> history = history(oid);
    List<Shape> candidates = new ArrayList<>();
    candidates.add(at(oid, commit));
    candidates.addAll(history.tailMap(commit, false).values());
    candidates.addAll(history.headMap(commit, true).descendingMap().values());
    return candidates.stream()
        .map(shape -> shape.number(column))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** {@return every shape that a table may have had when something was committed} */
  List<Shape> possible(long oid, Lsn commit) {
    List<Shape> possible = new ArrayList<>(List.of(at(oid, commit)));
    history(oid)
        .tailMap(commit, false)
        .forEach(
            (from, shape) -> {
              if (!begins.getOrDefault(from, Lsn.ZERO).isAfter(commit)) {
                possible.add(shape);
              }
            });
    return possible;
  }

  /** {@return every shape that a table may have had up to when something was committed} */
  List<Shape> pastAndPossible(long oid, Lsn commit) {
    List<Shape> shapes = new ArrayList<>(possible(oid, commit));
    shapes.addAll(history(oid).headMap(commit, true).values());
    return shapes;
  }

  private NavigableMap<Lsn, Shape> history(long oid) {
    TreeMap<Lsn, Shape> history = histories.get(oid);
    if (history == null || history.isEmpty()) {
      throw new Failure(Failure.Kind.BROKEN_RULE, "the source never had a table " + oid);
    }
    return history;
  }
}
