package dev.pgetl.destination.postgres.table;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table of the destination that fits a version of the source's table. Immutable.
 *
 * @param version the version
 * @param name the table of the destination
 * @param columns its columns, in the order of those of the version
 * @param key the places of the columns by which a row is found; empty if the table has no key
 * @param written the places of the columns that are written
 */
public record TargetTable(
    TableSchema version,
    TableName name,
    List<TargetColumn> columns,
    List<Integer> key,
    List<Integer> written) {

  public TargetTable {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
    written = List.copyOf(written);
  }

  static TargetTable of(TableSchema version, TableName name, List<TargetColumn> columns) {
    List<Integer> written =
        IntStream.range(0, columns.size())
            .filter(i -> !columns.get(i).generated())
            .boxed()
            .toList();
    return new TargetTable(version, name, columns, key(version), written);
  }

  /** The places of the columns by which rows of a version are found. */
  static List<Integer> key(TableSchema version) {
    boolean full = version.replicaIdentity() == ReplicaIdentity.FULL;
    List<ColumnSchema> key = full ? version.primaryKey() : version.identityColumns();
    return key.stream().map(column -> version.indexOf(column.name())).toList();
  }

  /** {@return the column in a place, quoted} */
  public String quoted(int place) {
    return TableName.quote(columns.get(place).name());
  }

  /** {@return a cast of an expression to the type of a column} */
  public String cast(String expression, int place) {
    return "cast(" + expression + " as " + columns.get(place).type() + ")";
  }

  /** {@return a cast of an expression to what a column makes of the value when it is written} */
  public String stored(String expression, int place) {
    return "cast(" + expression + " as " + columns.get(place).fullType() + ")";
  }

  /** {@return whether the table is the same for another version} */
  @SuppressWarnings("ReferenceEquality") // one object is shared by all rows of a version
  boolean fits(TableSchema other, TableName otherName) {
    return name.equals(otherName) && (version == other || version.equals(other));
  }
}
