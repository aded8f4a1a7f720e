package dev.pgetl.internal.decode;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.stream.Collectors;

/** Columns whose values are not read in binary format. */
public final class UnreadColumns {
  private UnreadColumns() {}

  /**
   * {@return a table's columns that are not read in binary format and their types, as part of a
   * sentence}
   *
   * @param table a version of the table
   */
  public static String of(TableSchema table) {
    return table.columns().stream()
        .filter(column -> !TableRow.readsBinary(only(table, column)))
        .map(column -> column.name() + " (" + column.type() + ")")
        .collect(Collectors.joining(", "));
  }

  private static TableSchema only(TableSchema table, ColumnSchema column) {
    return table.toBuilder().columns(List.of(column)).build();
  }
}
