package dev.pgetl.schema;

import dev.pgetl.wal.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One version of a table's published shape. Immutable.
 *
 * <p>A version differs from the one before in anything said here. To find the row of an update or
 * delete, use {@link #identityColumns}, unless these are all columns. The primary key is not part
 * of the stream: see {@link ColumnSchema}.
 */
public final class TableSchema {
  private static final SharedValues<List<ColumnSchema>> COLUMNS = new SharedValues<>();

  private final TableId id;
  private final TableName name;
  private final Lsn snapshotLsn;
  private final ReplicaIdentity replicaIdentity;
  private final List<ColumnSchema> columns;
  private final @Nullable RowScope scope;
  private final @Nullable String difference;

  private TableSchema(Builder from) {
    id = from.id;
    name = from.name;
    snapshotLsn = from.snapshotLsn;
    replicaIdentity = from.replicaIdentity;
    columns = from.columns;
    scope = from.scope;
    difference = from.difference;
  }

  /**
   * {@return a builder of a table without columns}
   *
   * @param id the table
   * @param name its qualified name in this version
   */
  public static Builder builder(TableId id, TableName name) {
    return new Builder(id, name);
  }

  /** {@return a builder that begins with this version} */
  public Builder toBuilder() {
    return new Builder(id, name)
        .snapshotLsn(snapshotLsn)
        .replicaIdentity(replicaIdentity)
        .sharedColumns(columns)
        .scope(scope)
        .difference(difference);
  }

  /** {@return the table} */
  public TableId id() {
    return id;
  }

  /** {@return its qualified name in this version} */
  public TableName name() {
    return name;
  }

  /**
   * {@return where the version begins to hold: the consistent point of the initial copy, or one
   * behind the start of the commit record of the transaction that brought it} It holds for every
   * position at or behind it, until the next version.
   */
  public Lsn snapshotLsn() {
    return snapshotLsn;
  }

  /** {@return which old columns are sent with updates and deletes} */
  public ReplicaIdentity replicaIdentity() {
    return replicaIdentity;
  }

  /** {@return the published columns, in the order in which rows carry them; unmodifiable} */
  public List<ColumnSchema> columns() {
    return columns;
  }

  /** {@return which rows were sent when that was looked at last; empty if it is not known} */
  public Optional<RowScope> scope() {
    return Optional.ofNullable(scope);
  }

  /**
   * {@return why rows written before this version may differ from the source, which no event mends;
   * empty if nothing is known to} Holds until the table is copied again.
   */
  public Optional<String> difference() {
    return Optional.ofNullable(difference);
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
   * {@return the columns of the primary key in its order; empty if there is none, if it is not
   * known, or if it is deferrable: inside of a transaction two rows may have the same key then}
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
   * {@return whether the stream would describe both versions alike} Position, scope, difference and
   * catalogue hints do not count.
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
  public boolean equals(@Nullable Object other) {
    return other instanceof TableSchema that
        && id.equals(that.id)
        && name.equals(that.name)
        && snapshotLsn.equals(that.snapshotLsn)
        && replicaIdentity == that.replicaIdentity
        && columns.equals(that.columns)
        && Objects.equals(scope, that.scope)
        && Objects.equals(difference, that.difference);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, name, snapshotLsn, replicaIdentity, columns, scope, difference);
  }

  @Override
  public String toString() {
    return name + " (oid " + id + ", version " + snapshotLsn + ", " + columns.size() + " columns)";
  }

  /** Builds a {@link TableSchema}. Not thread-safe. */
  public static final class Builder {
    private final TableId id;
    private TableName name;
    private Lsn snapshotLsn = Lsn.ZERO;
    private ReplicaIdentity replicaIdentity = ReplicaIdentity.DEFAULT;
    private List<ColumnSchema> columns = List.of();
    private @Nullable RowScope scope;
    private @Nullable String difference;

    private Builder(TableId id, TableName name) {
      this.id = Objects.requireNonNull(id, "id");
      this.name = Objects.requireNonNull(name, "name");
    }

    /**
     * Sets the name.
     *
     * @param value the qualified name in this version
     * @return this builder
     */
    public Builder name(TableName value) {
      name = Objects.requireNonNull(value, "name");
      return this;
    }

    /**
     * Sets where the version begins to hold; default {@link Lsn#ZERO}.
     *
     * @param value its first position, see {@link TableSchema#snapshotLsn}
     * @return this builder
     */
    public Builder snapshotLsn(Lsn value) {
      snapshotLsn = Objects.requireNonNull(value, "snapshotLsn");
      return this;
    }

    /**
     * Sets which old columns are sent with updates and deletes; default {@link
     * ReplicaIdentity#DEFAULT}.
     *
     * @param value which columns
     * @return this builder
     */
    public Builder replicaIdentity(ReplicaIdentity value) {
      replicaIdentity = Objects.requireNonNull(value, "replicaIdentity");
      return this;
    }

    /**
     * Sets the published columns; default none.
     *
     * @param value all columns, in the order in which rows carry them; is copied
     * @return this builder
     */
    public Builder columns(List<ColumnSchema> value) {
      columns = COLUMNS.of(List.copyOf(value));
      return this;
    }

    private Builder sharedColumns(List<ColumnSchema> value) {
      columns = value;
      return this;
    }

    /**
     * Sets which rows are sent; default null, not known.
     *
     * @param value see {@link TableSchema#scope}; null if it is not known
     * @return this builder
     */
    public Builder scope(@Nullable RowScope value) {
      scope = value;
      return this;
    }

    /**
     * Sets why rows written before may differ from the source; default null, nothing is known.
     *
     * @param value see {@link TableSchema#difference}; null if nothing is known to
     * @return this builder
     */
    public Builder difference(@Nullable String value) {
      difference = value;
      return this;
    }

    /** {@return the version} */
    public TableSchema build() {
      return new TableSchema(this);
    }
  }
}
