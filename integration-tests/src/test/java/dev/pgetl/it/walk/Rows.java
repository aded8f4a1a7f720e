package dev.pgetl.it.walk;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Statements that change rows of a table, whatever columns it has. */
final class Rows {
  private final World world;
  private final Shape table;
  private final List<Source.Column> columns;

  private Rows(World world, Shape table, List<Source.Column> columns) {
    this.world = world;
    this.table = table;
    this.columns = columns;
  }

  static Rows of(World world, Shape table) throws SQLException {
    return new Rows(
        world,
        table,
        world.source().columns(table).stream().filter(column -> !column.generated()).toList());
  }

  Shape table() {
    return table;
  }

  /** {@return the columns that are no part of the key} */
  List<Source.Column> others() {
    return columns.stream().filter(column -> !isKey(column)).toList();
  }

  boolean isKey(Source.Column column) {
    return table.key().contains(table.numbers().get(column.name()));
  }

  /** {@return columns that hold text of any length} */
  Optional<Source.Column> large() {
    return columns.stream().filter(Rows::isLarge).findFirst();
  }

  /** Names of columns are swapped. */
  private static boolean isLarge(Source.Column column) {
    return column.name().equals("big") && column.type().equals("text");
  }

  String insert() {
    long n = world.nextNumber();
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (Source.Column column : columns) {
      names.add(column.sql());
      boolean large = isLarge(column) && world.random().nextInt(3) == 0;
      values.add(large ? Values.large(n) : Values.expression(column, n, world.random()));
    }
    return "insert into %s(%s) values (%s)"
        .formatted(table.sql(), String.join(", ", names), String.join(", ", values));
  }

  /** Changes some rows beside their key and their large values. */
  String update(int rows) {
    List<Source.Column> candidates = others().stream().filter(column -> !isLarge(column)).toList();
    if (candidates.isEmpty()) {
      return insert();
    }
    Source.Column column = candidates.get(world.random().nextInt(candidates.size()));
    return set(column.sql() + " = " + value(column), rows);
  }

  String value(Source.Column column) {
    return Values.expression(column, world.nextNumber(), world.random());
  }

  String set(String assignment, int rows) {
    return "update %s set %s where %s".formatted(table.sql(), assignment, some(rows));
  }

  String delete(int rows) {
    return "delete from %s where %s".formatted(table.sql(), some(rows));
  }

  /** A condition for some rows, which depends on their content only. */
  private String some(int rows) {
    String order =
        columns.stream()
            .map(column -> "t." + column.sql() + "::text")
            .collect(
                Collectors.joining(
                    ", ", "md5(concat_ws('|', '" + world.nextNumber() + "', ", "))"));
    return "(tableoid, ctid) in (select t.tableoid, t.ctid from %s t order by %s limit %d)"
        .formatted(table.sql(), order, rows);
  }
}
