package dev.pgetl.schema;

import dev.pgetl.wal.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * One version of a table's published shape.
 *
 * @param id the table
 * @param name its qualified name in this version
 * @param snapshotLsn where the version begins to hold: the consistent point of the initial copy, or
 *     one behind the start of the commit record of the transaction that brought it. It holds for
 *     every position at or behind it, until the next version
 * @param replicaIdentity which old columns are sent with updates and deletes
 * @param columns the published columns, in the order in which rows carry them
 */
public record TableSchema(
    TableId id,
    TableName name,
    Lsn snapshotLsn,
    ReplicaIdentity replicaIdentity,
    List<ColumnSchema> columns) {

  /**
   * Copies the columns.
   *
   * @param id the table
   * @param name its qualified name
   * @param snapshotLsn where the version begins to hold
   * @param replicaIdentity which old columns are sent
   * @param columns the published columns
   */
  public TableSchema {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(snapshotLsn, "snapshotLsn");
    Objects.requireNonNull(replicaIdentity, "replicaIdentity");
    columns = List.copyOf(columns);
  }

  /** {@return how many columns a row has} */
  public int columnCount() {
    return columns.size();
  }

  /**
   * {@return a column}
   *
   * @param index its place, from 0
   */
  public ColumnSchema column(int index) {
    return columns.get(index);
  }

  /**
   * {@return the place of a column, from 0; -1 if there is none of that name}
   *
   * @param columnName the name as in the catalogue
   */
  public int indexOf(String columnName) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(columnName)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * {@return the columns of the primary key in its order; empty if there is none or it is not
   * known}
   */
  public List<ColumnSchema> primaryKey() {
    return columns.stream()
        .filter(column -> column.primaryKeyOrdinal() > 0)
        .sorted(Comparator.comparingInt(ColumnSchema::primaryKeyOrdinal))
        .toList();
  }

  /** {@return the columns that identify a row in updates and deletes, in table order} */
  public List<ColumnSchema> identityColumns() {
    return columns.stream().filter(ColumnSchema::inReplicaIdentity).toList();
  }

  /**
   * {@return whether the stream would describe both versions alike} Position and catalogue hints do
   * not count.
   *
   * @param other the other version
   */
  public boolean sameOnTheWire(TableSchema other) {
    if (!id.equals(other.id)
        || !name.equals(other.name)
        || replicaIdentity != other.replicaIdentity
        || columns.size() != other.columns.size()) {
      return false;
    }
    for (int i = 0; i < columns.size(); i++) {
      if (!columns.get(i).sameOnTheWire(other.columns.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return name + " (oid " + id + ", version " + snapshotLsn + ", " + columns.size() + " columns)";
  }
}
