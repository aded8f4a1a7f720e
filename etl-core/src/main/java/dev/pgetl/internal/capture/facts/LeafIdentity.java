package dev.pgetl.internal.capture.facts;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the leaf partitions of a table identify their rows. The server writes old rows as the leaf
 * says, whatever it says of the table they are published under.
 *
 * @param identity which old columns are sent
 * @param columns the names of these columns; empty for {@link ReplicaIdentity#FULL}
 * @param key the names of the primary key's columns in its order; empty if there is none
 */
public record LeafIdentity(ReplicaIdentity identity, List<String> columns, List<String> key) {
  private static final LeafIdentity UNKNOWN =
      new LeafIdentity(ReplicaIdentity.DEFAULT, List.of(), List.of());

  public LeafIdentity {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /**
   * {@return the numbers of the key's columns; none if one is not there}
   *
   * @param table the columns of the table
   */
  public List<Integer> key(List<ColumnFacts> table) {
    List<Integer> numbers = new ArrayList<>();
    for (String name : key) {
      table.stream()
          .filter(column -> column.name().equals(name))
          .forEach(column -> numbers.add(column.number()));
    }
    return numbers.size() == key.size() ? numbers : List.of();
  }

  /**
   * {@return what is known of leaves of which some identify rows in another way}
   *
   * @param other the other way
   */
  public LeafIdentity common(LeafIdentity other) {
    boolean same =
        columns.equals(other.columns)
            && (identity == ReplicaIdentity.FULL) == (other.identity == ReplicaIdentity.FULL);
    return new LeafIdentity(
        same ? identity : ReplicaIdentity.DEFAULT,
        same ? columns : List.of(),
        key.equals(other.key) ? key : List.of());
  }

  /**
   * {@return what is known of leaves that a later transaction wrote, as this says} An old row that
   * has only a key must not be read as a whole one: its nulls would count as values. So rows are
   * whole only where no other identity is possible: they were before, they are now, and neither
   * time knows a key. A whole row has the primary key, too.
   *
   * @param wire the table as the stream describes it
   * @param before the version before; null if there is none
   */
  LeafIdentity asOf(TableSchema wire, @Nullable TableSchema before) {
    if (before == null) {
      return UNKNOWN;
    }
    boolean wasFull = before.replicaIdentity() == ReplicaIdentity.FULL;
    List<String> keyBefore = names(before.primaryKey());
    if (wasFull && identity == ReplicaIdentity.FULL && key.isEmpty() && keyBefore.isEmpty()) {
      return this;
    }
    List<String> sent = wasFull ? keyBefore : names(before.identityColumns());
    return names(wire.columns()).containsAll(sent)
        ? new LeafIdentity(
            wasFull ? ReplicaIdentity.DEFAULT : before.replicaIdentity(), sent, keyBefore)
        : UNKNOWN;
  }

  private static List<String> names(List<ColumnSchema> columns) {
    return columns.stream().map(ColumnSchema::name).toList();
  }

  boolean sends(String column) {
    return identity == ReplicaIdentity.FULL || columns.contains(column);
  }
}
