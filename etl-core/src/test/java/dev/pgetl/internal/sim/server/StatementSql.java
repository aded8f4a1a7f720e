package dev.pgetl.internal.sim.server;

import dev.pgetl.schema.ReplicaIdentity;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Writes statements of a script as SQL, with the names that tables and columns have now. */
public final class StatementSql {
  /** Makes a value too long to be stored in its row; is not part of what the script means. */
  public static final char PADDING = '~';

  private static final int PADDING_BYTES = 3_000;

  private static final String CREATE =
      """
      create table %1$s (id int4 primary key, a text, b text) with (autovacuum_enabled = off);
      alter table %1$s alter a set storage external, alter b set storage external""";

  private StatementSql() {}

  /** {@return what creates the publication} */
  public static String createPublication(String name) {
    return "create publication " + name;
  }

  /** {@return what creates a table as it is in the beginning, and publishes it} */
  public static String createTable(Cluster cluster, int number) {
    Shape shape = shape(cluster, number);
    StringBuilder sql = new StringBuilder(CREATE.formatted(shape.name()));
    if (shape.identity() == ReplicaIdentity.FULL) {
      sql.append("; alter table " + shape.name() + " replica identity full");
    }
    for (String publication : cluster.disk().publishing(shape.oid())) {
      sql.append("; alter publication " + publication + " add table " + shape.name());
    }
    return sql.toString();
  }

  /** {@return the SQL of a statement that is about to be executed} */
  public static String of(Cluster cluster, Statement statement) {
    Shape shape = shape(cluster, statement.table());
    String table = shape.name();
    if (statement instanceof Statement.Insert insert) {
      return insert(shape, insert);
    } else if (statement instanceof Statement.Update update) {
      Shape.Column column = shape.columns().get(1 + update.column() % (shape.columns().size() - 1));
      String value = value(column, update.value());
      return "update %s set %s = %s where id = %d"
          .formatted(table, column.name(), value, update.key());
    } else if (statement instanceof Statement.MoveKey move) {
      return "update %1$s set id = %3$d where id = %2$d and not exists (select from %1$s where id = %3$d)"
          .formatted(table, move.key(), move.newKey());
    } else if (statement instanceof Statement.Delete delete) {
      return "delete from %s where id = %d".formatted(table, delete.key());
    } else if (statement instanceof Statement.Truncate) {
      return "truncate " + table;
    } else if (statement instanceof Statement.Publish publish) {
      String act = publish.add() ? "add" : "drop";
      return "alter publication %s %s table %s".formatted(publish.publication(), act, table);
    } else if (statement instanceof Statement.Recreate) {
      return "drop table %s; ".formatted(table) + createTable(cluster, statement.table());
    }
    return "alter table " + table + " " + alteration(shape, statement);
  }

  private static String insert(Shape shape, Statement.Insert insert) {
    List<Shape.Column> columns = shape.columns();
    String names = columns.stream().map(Shape.Column::name).collect(Collectors.joining(", "));
    String values =
        columns.stream()
            .skip(1)
            .map(column -> ", " + value(column, insert.value()))
            .collect(Collectors.joining());
    return "insert into %s (%s) values (%d%s) on conflict do nothing"
        .formatted(shape.name(), names, insert.key(), values);
  }

  private static String value(Shape.Column column, String value) {
    String literal = "'" + value + "'";
    return column.isLong()
        ? "%s || repeat('%s', %d)".formatted(literal, PADDING, PADDING_BYTES)
        : literal;
  }

  private static String alteration(Shape shape, Statement statement) {
    Shape.Column last = shape.columns().get(shape.columns().size() - 1);
    if (statement instanceof Statement.AddColumn add) {
      return "add column %1$s text, alter column %1$s set storage external".formatted(add.name());
    } else if (statement instanceof Statement.DropColumn && shape.columns().size() > 2) {
      return "drop column " + last.name();
    } else if (statement instanceof Statement.RenameColumn rename) {
      return "rename column " + last.name() + " to " + rename.name();
    } else if (statement instanceof Statement.RenameTable rename) {
      return "rename to " + rename.name();
    }
    return "alter column id set default 0";
  }

  private static Shape shape(Cluster cluster, int number) {
    Disk disk = cluster.disk();
    return Objects.requireNonNull(disk.tables.get(disk.oids.get(number))).shape();
  }
}
