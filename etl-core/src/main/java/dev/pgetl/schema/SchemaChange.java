package dev.pgetl.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What differs between two versions of a table. A column is the same one if its number in the
 * catalogue is, whatever it is called; if that is not known of both, if its name is. So a column
 * that was dropped and added again is both.
 *
 * @param before the version that the destination had
 * @param after the version that it has now
 */
public record SchemaChange(TableSchema before, TableSchema after) {
  /**
   * A column that is in both versions and differs: in name, type, modifier, default, nullability,
   * or as a part of the key or of the replica identity.
   *
   * @param before the column in the version before
   * @param after the column now
   */
  public record ColumnChange(ColumnSchema before, ColumnSchema after) {
    /** {@return whether it has another name} */
    public boolean isRenamed() {
      return !before.name().equals(after.name());
    }

    /** {@return whether it has another type, or the same with another modifier} */
    public boolean isRetyped() {
      return !before.type().equals(after.type()) || before.modifier() != after.modifier();
    }

    /** The number is no property of the column, and may be known of one version only. */
    private boolean isEmpty() {
      ColumnSchema renumbered = before.toBuilder().attributeNumber(after.attributeNumber()).build();
      return renumbered.equals(after);
    }

    private String text() {
      String name = "column " + before.name();
      if (isRenamed()) {
        name += " renamed to " + after.name();
      }
      return isRetyped()
          ? name + " changed from " + typeOf(before) + " to " + typeOf(after)
          : name + (isRenamed() ? "" : " changed");
    }

    private static String typeOf(ColumnSchema column) {
      return column.type().name() + (column.modifier() < 0 ? "" : "(" + column.modifier() + ")");
    }
  }

  /**
   * Two versions of one table.
   *
   * @throws IllegalArgumentException if they are of different tables
   */
  public SchemaChange {
    if (!before.id().equals(after.id())) {
      throw new IllegalArgumentException(
          "versions of tables " + before.id() + " and " + after.id() + " are no change of one");
    }
  }

  /** {@return the table} */
  public TableId table() {
    return after.id();
  }

  /** {@return whether the table has another name or schema} */
  public boolean isRenamed() {
    return !before.name().equals(after.name());
  }

  /** {@return whether other old columns are sent with updates and deletes} */
  public boolean isIdentityChanged() {
    return before.replicaIdentity() != after.replicaIdentity();
  }

  /** {@return the columns that are new, in table order; unmodifiable} */
  public List<ColumnSchema> added() {
    return after.columns().stream().filter(column -> earlier(column) == null).toList();
  }

  /** {@return the columns that are gone, in the order in which they were; unmodifiable} */
  public List<ColumnSchema> dropped() {
    return before.columns().stream()
        .filter(column -> after.columns().stream().noneMatch(now -> isSame(column, now)))
        .toList();
  }

  /** {@return the columns that differ, in table order; unmodifiable} */
  public List<ColumnChange> changed() {
    List<ColumnChange> changes = new ArrayList<>();
    for (ColumnSchema column : after.columns()) {
      ColumnSchema earlier = earlier(column);
      if (earlier != null) {
        ColumnChange change = new ColumnChange(earlier, column);
        if (!change.isEmpty()) {
          changes.add(change);
        }
      }
    }
    return List.copyOf(changes);
  }

  /** {@return whether nothing of name, replica identity and columns differs} */
  public boolean isEmpty() {
    return !isRenamed()
        && !isIdentityChanged()
        && added().isEmpty()
        && dropped().isEmpty()
        && changed().isEmpty();
  }

  private @Nullable ColumnSchema earlier(ColumnSchema column) {
    for (ColumnSchema candidate : before.columns()) {
      if (isSame(candidate, column)) {
        return candidate;
      }
    }
    return null;
  }

  private static boolean isSame(ColumnSchema earlier, ColumnSchema later) {
    boolean numbered = earlier.attributeNumber() > 0 && later.attributeNumber() > 0;
    return numbered
        ? earlier.attributeNumber() == later.attributeNumber()
        : earlier.name().equals(later.name());
  }

  /** {@return the change in a few words, such as {@code public.t: column b added}} */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", after.name() + ": ", "");
    text.setEmptyValue(after.name() + ": nothing changed");
    if (isRenamed()) {
      text.add("was " + before.name());
    }
    if (isIdentityChanged()) {
      text.add("replica identity " + before.replicaIdentity() + " to " + after.replicaIdentity());
    }
    added().forEach(column -> text.add("column " + column.name() + " added"));
    dropped().forEach(column -> text.add("column " + column.name() + " dropped"));
    changed().forEach(change -> text.add(change.text()));
    return text.toString();
  }
}
