package dev.pgetl.destination.postgres.fold;

import dev.pgetl.data.TableRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The net effect of many changes on one row: where it was before them, if it was, and for each
 * column the last row that had it. Not thread-safe.
 */
public final class FoldedRow {
  private final @Nullable TableRow origin;
  private final @Nullable TableRow[] sources;

  private FoldedRow(@Nullable TableRow origin, int columns) {
    this.origin = origin;
    this.sources = new TableRow[columns];
  }

  /** A row that was not there before. */
  static FoldedRow inserted(TableRow row) {
    FoldedRow folded = new FoldedRow(null, row.columnCount());
    folded.apply(row);
    return folded;
  }

  /** A row that was there. */
  static FoldedRow found(TableRow key) {
    return new FoldedRow(key, key.columnCount());
  }

  /** A later value hides an earlier one, column by column. */
  void apply(TableRow row) {
    for (int i = 0; i < sources.length; i++) {
      if (row.isPresent(i)) {
        sources[i] = row;
      }
    }
  }

  /** {@return a row that has the key it had before; null if it was not there} */
  @Nullable TableRow origin() {
    return origin;
  }

  /** {@return a row that has the key it had before} */
  public TableRow before() {
    return Objects.requireNonNull(origin, "origin");
  }

  /** {@return the row that has a column's last value} */
  public TableRow source(int column) {
    return Objects.requireNonNull(sources[column], "source");
  }

  /** {@return whether what is known of the row agrees with what an event says it was} */
  boolean agreesWith(TableRow old) {
    for (int i = 0; i < sources.length; i++) {
      TableRow known = sources[i];
      if (known != null && old.isPresent(i) && !Objects.equals(known.text(i), old.text(i))) {
        return false;
      }
    }
    return true;
  }

  /** {@return the places of the columns that have changed; those of the key only if it has} */
  List<Integer> changed(List<Integer> key) {
    List<Integer> changed = new ArrayList<>();
    for (int i = 0; i < sources.length; i++) {
      TableRow known = sources[i];
      boolean sameKey =
          known != null
              && origin != null
              && key.contains(i)
              && Objects.equals(known.text(i), origin.text(i));
      if (known != null && !sameKey) {
        changed.add(i);
      }
    }
    return changed;
  }
}
