package dev.pgetl.it.schema;

import dev.pgetl.schema.TableId;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A table of the source that changes at random: its rows, its columns, its names. */
final class WalkedTable {
  /** What a type may become without a change of any value's text. */
  private static final Map<String, String> WIDER =
      Map.of("int4", "int8", "int8", "numeric", "numeric", "text", "date", "text");

  private static final List<String> SCHEMAS = List.of("public", "\"Other one\"");
  private static final List<String> IDENTITIES = List.of("default", "full");

  /** A column that may be altered. */
  private record Column(String name, String type) {}

  private final TestDatabase source;
  private final RandomGenerator random;
  private final TableId id;
  private final List<Column> columns = new ArrayList<>();
  private String schema = "public";
  private String name;
  private int lastRow;
  private int lastName;

  /** Creates it in the source, published. */
  WalkedTable(TestDatabase source, RandomGenerator random, String name) {
    this.source = source;
    this.random = random;
    this.name = name;
    source.execute(
        """
        create table %1$s(id int primary key, big text, a text, b int4);
        alter table %1$s alter big set storage external;
        alter publication pub add table %1$s;
        """
            .formatted(name));
    id = new TableId(Long.parseLong(source.value("select '" + name + "'::regclass::oid::text")));
    columns.add(new Column("a", "text"));
    columns.add(new Column("b", "int4"));
  }

  TableId id() {
    return id;
  }

  private String qualified() {
    return schema + "." + name;
  }

  /** {@return SQL that changes rows, or nothing if there are none} */
  String changeRows() {
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> insert();
      case 4, 5, 6 -> "update %s set %s where id %% 3 = 0;".formatted(qualified(), assignment());
      case 7 ->
          "update %s set id = %d where id = %d;"
              .formatted(qualified(), ++lastRow, 1 + random.nextInt(lastRow));
      case 8 -> "delete from %s where id %% 7 = 0;".formatted(qualified());
      default ->
          random.nextInt(5) == 0 ? "truncate %s;".formatted(qualified()) : insert() + insert();
    };
  }

  String insert() {
    String names = columns.stream().map(Column::name).collect(Collectors.joining(", "));
    String values = columns.stream().map(this::value).collect(Collectors.joining(", "));
    String big = random.nextInt(4) == 0 ? "repeat('big', 1000)" : "null";
    return "insert into %s(id, big%s) values (%d, %s%s);"
        .formatted(
            qualified(),
            columns.isEmpty() ? "" : ", " + names,
            ++lastRow,
            big,
            columns.isEmpty() ? "" : ", " + values);
  }

  private String assignment() {
    if (columns.isEmpty()) {
      return "big = 'small'";
    }
    Column column = any(columns);
    return column.name() + " = " + value(column);
  }

  private String value(Column column) {
    return switch (column.type()) {
      case "int4", "int8" -> Integer.toString(random.nextInt(1000));
      case "numeric" -> random.nextInt(1000) + ".50";
      case "date" -> "date '2026-01-01' + " + random.nextInt(1000);
      default -> random.nextInt(5) == 0 ? "null" : "'it''s \\ " + random.nextInt(1000) + "'";
    };
  }

  /** {@return SQL that changes the table's shape} */
  String alter() {
    if (columns.isEmpty()) {
      return addColumn();
    }
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> addColumn();
      case 3, 4 -> dropColumn();
      case 5 -> renameColumn();
      case 6 -> swapColumns();
      case 7, 8 -> widenColumn();
      case 9 -> random.nextBoolean() ? renameTable() : moveTable();
      case 10 -> "alter table %s replica identity %s;".formatted(qualified(), any(IDENTITIES));
      default ->
          "analyze %1$s; create index on %1$s(id); cluster %1$s using %2$s;"
              .formatted(qualified(), primaryKey());
    };
  }

  private String primaryKey() {
    return "\""
        + source.value("select conname from pg_constraint where contype = 'p' and conrelid = " + id)
        + "\"";
  }

  private String addColumn() {
    Column column =
        new Column("c" + ++lastName, any(List.of("int4", "int8", "numeric", "text", "date")));
    columns.add(column);
    String initial = random.nextBoolean() ? "" : " default " + value(column);
    return "alter table %s add column %s %s%s;"
        .formatted(qualified(), column.name(), column.type(), initial);
  }

  private String dropColumn() {
    Column column = any(columns);
    columns.remove(column);
    return "alter table %s drop column %s;".formatted(qualified(), column.name());
  }

  private String renameColumn() {
    int place = random.nextInt(columns.size());
    Column column = columns.get(place);
    columns.set(place, new Column("c" + ++lastName, column.type()));
    return rename(column.name(), "c" + lastName);
  }

  private String rename(String from, String to) {
    return "alter table %s rename column %s to %s;".formatted(qualified(), from, to);
  }

  /** Two columns that trade their names in one transaction. */
  private String swapColumns() {
    int first = random.nextInt(columns.size());
    int second = random.nextInt(columns.size());
    if (first == second) {
      return renameColumn();
    }
    Column a = columns.get(first);
    Column b = columns.get(second);
    columns.set(first, new Column(b.name(), a.type()));
    columns.set(second, new Column(a.name(), b.type()));
    return "begin;%s%s%scommit;"
        .formatted(
            rename(a.name(), "traded"), rename(b.name(), a.name()), rename("traded", b.name()));
  }

  private String widenColumn() {
    int place = random.nextInt(columns.size());
    Column column = columns.get(place);
    String wider = WIDER.get(column.type());
    if (wider == null) {
      return renameColumn();
    }
    columns.set(place, new Column(column.name(), wider));
    return "alter table %1$s alter column %2$s type %3$s using %2$s::%3$s;"
        .formatted(qualified(), column.name(), wider);
  }

  private String renameTable() {
    String old = qualified();
    name = "\"Table " + ++lastName + " of " + id + "\"";
    return "alter table %s rename to %s;".formatted(old, name);
  }

  private String moveTable() {
    String old = qualified();
    schema = any(SCHEMAS);
    return "alter table %s set schema %s;".formatted(old, schema);
  }

  private <T> T any(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  /** {@return what the mirror's shape has to be} */
  String shape() {
    return source.value(
        """
        select n.nspname || '.' || c.relname || ' ' || string_agg(attname || ':' || typname || ':' || attnum, ' ' order by attnum)
        from pg_attribute a join pg_type t on t.oid = atttypid join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
        where attrelid = %s and attnum > 0 and not attisdropped group by n.nspname, c.relname
        """
            .formatted(id));
  }

  /** {@return each row's columns by their names, in the order of the key's text} */
  List<Map<String, @Nullable String>> rows() {
    String query = "select * from " + qualified() + " order by id::text collate \"C\"";
    List<String> names = source.columnNames(query);
    List<Map<String, @Nullable String>> rows = new ArrayList<>();
    for (List<@Nullable String> values : source.query(query)) {
      Map<String, @Nullable String> row = new TreeMap<>();
      for (int i = 0; i < names.size(); i++) {
        row.put(names.get(i), values.get(i));
      }
      rows.add(row);
    }
    return rows;
  }
}
