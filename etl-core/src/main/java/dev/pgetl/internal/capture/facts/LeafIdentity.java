package dev.pgetl.internal.capture.facts;

import dev.pgetl.schema.ReplicaIdentity;
import java.util.ArrayList;
import java.util.List;

/**
 * How the leaf partitions of a table identify their rows. The server writes old rows as the leaf
 * says, whatever it says of the table they are published under.
 *
 * @param identity which old columns are sent
 * @param columns the names of these columns; empty for {@link ReplicaIdentity#FULL}
 * @param key the names of the primary key's columns in its order; empty if there is none
 */
public record LeafIdentity(ReplicaIdentity identity, List<String> columns, List<String> key) {
  public LeafIdentity {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /**
   * {@return the numbers of the key's columns; none if one is not there}
   *
   * @param table the columns of the table
   */
  public Dated<List<Integer>> key(List<ColumnFacts> table) {
    List<Integer> numbers = new ArrayList<>();
    for (String name : key) {
      table.stream()
          .filter(column -> column.name().equals(name))
          .forEach(column -> numbers.add(column.number()));
    }
    return Dated.always(numbers.size() == key.size() ? numbers : List.of());
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

  boolean sends(String column) {
    return identity == ReplicaIdentity.FULL || columns.contains(column);
  }
}
