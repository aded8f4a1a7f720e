package dev.pgetl.destination.postgres.table;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The statement that creates a table. */
final class TableDefinition {
  private TableDefinition() {}

  /** {@return the statement: columns, the key, and which columns are not null} */
  static String of(TableSchema version, TableName name, List<String> types) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < version.columnCount(); i++) {
      ColumnSchema column = version.column(i);
      boolean required = !column.nullable();
      parts.add(
          TableName.quote(column.name()) + " " + types.get(i) + (required ? " not null" : ""));
    }
    List<ColumnSchema> primary = version.primaryKey();
    if (!primary.isEmpty()) {
      parts.add("primary key (" + names(primary) + ")");
    }
    List<ColumnSchema> key = TargetTable.key(version).stream().map(version::column).toList();
    if (!key.isEmpty() && !Set.copyOf(key).equals(Set.copyOf(primary))) {
      parts.add("unique (" + names(key) + ")");
    }
    return "create table " + name.quoted() + " (" + String.join(", ", parts) + ")";
  }

  private static String names(List<ColumnSchema> columns) {
    return columns.stream()
        .map(column -> TableName.quote(column.name()))
        .collect(Collectors.joining(", "));
  }
}
