package dev.pgetl.internal.row;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.stream.Collectors;

/** The columns of a table whose values are read as text only. */
public final class TextOnlyColumns {
  private TextOnlyColumns() {}

  /**
   * {@return their names and types, as part of a sentence}
   *
   * @param table a version of the table
   */
  public static String of(TableSchema table) {
    return table.columns().stream()
        .filter(column -> !WireRow.readsBinary(only(table, column)))
        .map(column -> column.name() + " (" + column.type() + ")")
        .collect(Collectors.joining(", "));
  }

  private static TableSchema only(TableSchema table, ColumnSchema column) {
    return table.toBuilder().columns(List.of(column)).build();
  }
}
