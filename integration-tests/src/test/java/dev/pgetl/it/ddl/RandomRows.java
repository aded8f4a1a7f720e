package dev.pgetl.it.ddl;

import dev.pgetl.it.ddl.Catalogue.Column;
import dev.pgetl.it.ddl.Catalogue.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Changes of rows, as SQL. A change that a constraint forbids is not made. */
final class RandomRows {
  private final RandomGenerator random;
  private final RandomValues values;

  RandomRows(RandomGenerator random, RandomValues values) {
    this.random = random;
    this.values = values;
  }

  /** {@return a transaction of a few changes} */
  String changes(Table table) {
    List<String> all = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      all.add(change(table));
    }
    return String.join("; ", all);
  }

  private String change(Table table) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> insert(table, random.nextInt(5) == 0 ? 30 : 1 + random.nextInt(4));
      case 3, 4, 5 -> update(table);
      case 6 -> delete(table);
      case 7 -> keys(table);
      case 8 -> exchange(table, "place");
      default -> table.key().isEmpty() ? update(table) : exchange(table, last(table.key()).name());
    };
  }

  private static Column last(List<Column> columns) {
    return columns.get(columns.size() - 1);
  }

  /** {@return new rows; those of a table without a key are doubled at times} */
  String insert(Table table, int rows) {
    List<Column> columns = table.written();
    if (columns.isEmpty()) {
      return "insert into " + table.sql() + " default values";
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      String row = columns.stream().map(this::value).collect(Collectors.joining(", ", "(", ")"));
      all.add(row);
      if (table.key().isEmpty() && random.nextBoolean()) {
        all.add(row);
      }
    }
    return "insert into %s (%s) overriding system value values %s"
        .formatted(
            table.sql(),
            columns.stream().map(Column::sql).collect(Collectors.joining(", ")),
            String.join(", ", all));
  }

  private String value(Column column) {
    if (column.key() || column.name().equals("place")) {
      boolean number = column.type().equals("integer") || column.type().equals("bigint");
      return number ? Integer.toString(random.nextInt(1_000_000)) : values.of(column.type());
    }
    if (!column.required() && random.nextInt(6) == 0) {
      return "null";
    }
    return column.type().equals("text") && random.nextInt(4) == 0
        ? values.large()
        : values.of(column.type());
  }

  private String some(Table table) {
    return " where ctid = any (array(select ctid from %s order by md5(ctid::text || %d) limit %d))"
        .formatted(table.sql(), random.nextInt(1000), random.nextInt(5) == 0 ? 40 : 3);
  }

  /** {@return an update of one column, which leaves large values where they are} */
  String update(Table table) {
    List<Column> free = table.free();
    if (free.isEmpty()) {
      return insert(table, 1);
    }
    Column column = free.get(random.nextInt(free.size()));
    return "update %s set %s = %s%s"
        .formatted(table.sql(), column.sql(), value(column), some(table));
  }

  private String delete(Table table) {
    return "delete from " + table.sql() + some(table);
  }

  /** Every key is moved, some to one that was another row's before. */
  private String keys(Table table) {
    for (Column column : table.key()) {
      if (column.type().equals("integer") || column.type().equals("bigint")) {
        String step =
            "update %1$s t set %2$s = o.k from (select %2$s as id, lag(%2$s, 1, %3$d) over"
                + " (order by %2$s) k from %1$s order by %2$s limit 3) o where t.%2$s = o.id"
                + " and o.id = (select %2$s from %1$s order by %2$s offset %4$d limit 1)";
        List<String> chain = new ArrayList<>();
        int free = -1 - random.nextInt(1_000_000);
        for (int i = 0; i < 3; i++) {
          chain.add(step.formatted(table.sql(), column.sql(), free, i));
        }
        return String.join("; ", chain);
      }
    }
    return update(table);
  }

  /** {@return an exchange of two rows' values of a column of numbers} */
  String exchange(Table table, String name) {
    boolean fits =
        table.columns().stream()
            .anyMatch(
                column ->
                    column.name().equals(name)
                        && !column.divides()
                        && (column.type().equals("integer") || column.type().equals("bigint")));
    if (!fits) {
      return update(table);
    }
    String least = "(select min(%2$s) from %1$s)".formatted(table.sql(), Side.quoted(name));
    String most =
        "(select max(%2$s) from %1$s where %2$s < 1000000000)"
            .formatted(table.sql(), Side.quoted(name));
    String set = "update %1$s set %2$s = %4$s where %2$s = %3$s";
    return String.join(
        "; ",
        set.formatted(table.sql(), Side.quoted(name), least, "2000000000"),
        set.formatted(table.sql(), Side.quoted(name), most, "-2000000000"),
        set.formatted(table.sql(), Side.quoted(name), "2000000000", most + " + 1"),
        set.formatted(
            table.sql(), Side.quoted(name), "-2000000000", "-" + random.nextInt(1_000_000_000)));
  }
}
