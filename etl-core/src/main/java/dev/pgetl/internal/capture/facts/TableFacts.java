package dev.pgetl.internal.capture.facts;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the catalogue says about a table at one moment. The stream may be behind that: each part has
 * the transaction that wrote it, and is no fact for transactions that began before.
 *
 * @param read when that was
 * @param columns the table's columns in their order; none if the table is gone
 * @param key the numbers of the primary key's columns in its order
 * @param types the types of the columns, by OID; built-in ones may be missing
 * @param leaves how the leaf partitions identify rows; null if there are none. It counts where the
 *     stream marks all columns of the table, or none
 */
public record TableFacts(
    Moment read,
    List<ColumnFacts> columns,
    Dated<List<Integer>> key,
    Map<Long, Dated<PgType>> types,
    @Nullable Dated<LeafIdentity> leaves) {

  /** A table that is gone. */
  public static final TableFacts NONE =
      new TableFacts(Moment.UNKNOWN, List.of(), Dated.always(List.of()), Map.of(), null);

  public TableFacts {
    columns = List.copyOf(columns);
    types = Map.copyOf(types);
  }

  /**
   * {@return a description of the stream, completed with what the catalogue says}
   *
   * @param wire the table as the stream describes it
   * @param before the version before; null if there is none
   * @param xid the transaction in which the stream says so
   */
  public TableSchema complete(TableSchema wire, @Nullable TableSchema before, long xid) {
    TableSchema completed = new Completion(this, before, xid).of(wire);
    return before == null ? completed : new RewrittenRows(this, before, xid).notedIn(completed);
  }

  /**
   * {@return whether these facts say which types a table's columns have}
   *
   * @param wire the table as the stream describes it
   */
  public boolean coversTypesOf(TableSchema wire) {
    return wire.columns().stream()
        .map(ColumnSchema::type)
        .allMatch(type -> type.kind() != PgType.Kind.UNKNOWN || types.containsKey(type.oid()));
  }

  /** {@return whether the table is there} */
  boolean isThere() {
    return !columns.isEmpty();
  }

  /** {@return the transaction that wrote the newest part} */
  public long newest() {
    long newest = key.writtenBy();
    for (ColumnFacts column : columns) {
      newest = read.later(newest, column.writtenBy());
    }
    for (Dated<PgType> type : types.values()) {
      newest = read.later(newest, type.writtenBy());
    }
    return leaves == null ? newest : read.later(newest, leaves.writtenBy());
  }

  /**
   * {@return whether a part was written by a transaction that began after this one}
   *
   * @param xid a transaction
   */
  public boolean isAhead(long xid) {
    return read.isAfter(newest(), xid);
  }
}
