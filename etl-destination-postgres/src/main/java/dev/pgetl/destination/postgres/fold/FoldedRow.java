package dev.pgetl.destination.postgres.fold;

import dev.pgetl.data.TableRow;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The net effect of many changes on one row: where it was before them, if it was, and for each
 * column the last row that had it. Not thread-safe.
 */
public final class FoldedRow {
  private final @Nullable TableRow origin;

  /** The row that has all values; null if there is none, or if {@link #sources} has them. */
  private @Nullable TableRow only;

  /** The rows that have the values, from the second change on. */
  private @Nullable TableRow @Nullable [] sources;

  private FoldedRow(@Nullable TableRow origin) {
    this.origin = origin;
  }

  /** A row that was not there before. */
  static FoldedRow inserted(TableRow row) {
    FoldedRow folded = new FoldedRow(null);
    folded.apply(row);
    return folded;
  }

  /** A row that was there. */
  static FoldedRow found(TableRow key) {
    return new FoldedRow(key);
  }

  /** A later value hides an earlier one, column by column. */
  void apply(TableRow row) {
    if (only == null && sources == null) {
      only = row;
      return;
    }
    @Nullable TableRow[] all = sources == null ? spread(row.columnCount()) : sources;
    for (int i = 0; i < all.length; i++) {
      if (row.isPresent(i)) {
        all[i] = row;
      }
    }
    sources = all;
    only = null;
  }

  private @Nullable TableRow[] spread(int columns) {
    @Nullable TableRow[] all = new TableRow[columns];
    for (int i = 0; i < columns; i++) {
      all[i] = known(i);
    }
    return all;
  }

  private @Nullable TableRow known(int column) {
    if (sources != null) {
      return sources[column];
    }
    return only != null && only.isPresent(column) ? only : null;
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
    return Objects.requireNonNull(known(column), "source");
  }

  /** {@return the text of a column's last value; null for a null, or if none was sent} */
  public @Nullable String text(int column) {
    TableRow known = known(column);
    return known == null ? null : known.text(column);
  }

  /** {@return the bytes of {@link #text}} */
  public @Nullable ByteBuffer textBytes(int column) {
    TableRow known = known(column);
    return known == null ? null : known.textBytes(column);
  }

  /** {@return whether what is known of the row agrees with what an event says it was} */
  boolean agreesWith(TableRow old) {
    for (int i = 0; i < old.columnCount(); i++) {
      TableRow known = known(i);
      if (known != null && old.isPresent(i) && !Objects.equals(known.text(i), old.text(i))) {
        return false;
      }
    }
    return true;
  }

  /** {@return the places of the columns that have changed; those of the key only if it has} */
  BitSet changed(List<Integer> key) {
    int columns = before().columnCount();
    BitSet changed = new BitSet(columns);
    for (int i = 0; i < columns; i++) {
      if (known(i) != null) {
        changed.set(i);
      }
    }
    for (int i : key) {
      TableRow known = known(i);
      if (known != null && (known == origin || Objects.equals(known.text(i), before().text(i)))) {
        changed.clear(i);
      }
    }
    return changed;
  }
}
