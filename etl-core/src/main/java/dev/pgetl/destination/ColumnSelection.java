package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A transform that renames and selects columns without copying a row's bytes. Immutable. */
final class ColumnSelection implements RowTransform {
  private final TableSchema source;
  private final TableSchema table;
  private final int[] sources;

  private ColumnSelection(TableSchema source, TableSchema table, int[] sources) {
    this.source = source;
    this.table = table;
    this.sources = sources;
  }

  static ColumnSelection all(TableSchema source) {
    return new ColumnSelection(source, source, IntStream.range(0, source.columnCount()).toArray());
  }

  @Override
  public TableSchema table() {
    return table;
  }

  @Override
  public TableRow apply(TableRow row) {
    return row.as(table, sources);
  }

  @Override
  public boolean leavesUnchanged(String column) {
    int index = table.indexOf(column);
    return index >= 0 && sources[index] == source.indexOf(column);
  }

  ColumnSelection named(TableName name) {
    return new ColumnSelection(source, table.toBuilder().name(name).build(), sources);
  }

  ColumnSelection renamed(String from, String to) {
    int index = requireColumn(table, from);
    int taken = table.indexOf(to);
    if (taken >= 0 && taken != index) {
      throw unfit(table, "rename column " + from + ": it has a column " + to + " already");
    }
    ColumnSchema column = table.column(index).toBuilder().name(to).build();
    return new ColumnSelection(source, withColumn(table, index, column), sources);
  }

  ColumnSelection where(Predicate<ColumnSchema> kept) {
    int[] selected =
        IntStream.range(0, sources.length).filter(i -> kept.test(table.column(i))).toArray();
    return new ColumnSelection(
        source,
        withColumns(table, identifying(IntStream.of(selected).mapToObj(table::column).toList())),
        IntStream.of(selected).map(i -> sources[i]).toArray());
  }

  /** {@return the columns, none in the primary key if a part of that is left out: rows share it} */
  private List<ColumnSchema> identifying(List<ColumnSchema> columns) {
    if (columns.containsAll(table.primaryKey())) {
      return columns;
    }
    return columns.stream().map(column -> column.toBuilder().primaryKeyOrdinal(0).build()).toList();
  }

  /** {@return the table with another column in a place} */
  static TableSchema withColumn(TableSchema table, int index, ColumnSchema column) {
    List<ColumnSchema> columns = new ArrayList<>(table.columns());
    columns.set(index, column);
    return withColumns(table, columns);
  }

  private static TableSchema withColumns(TableSchema table, List<ColumnSchema> columns) {
    return table.toBuilder().columns(columns).build();
  }

  /** {@return the place of a column that must be there} */
  static int requireColumn(TableSchema table, String name) {
    int index = table.indexOf(name);
    if (index < 0) {
      throw unfit(table, "it has no column " + name);
    }
    return index;
  }

  private static EtlException unfit(TableSchema table, String problem) {
    return new EtlException(
            ErrorKind.CONFIGURATION, "transform table " + table.name() + ": " + problem)
        .withFix("If a column was added, renamed or dropped, change the transform")
        .withTable(table.id().oid());
  }
}
