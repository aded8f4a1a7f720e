package dev.pgetl.internal.sim.server;

import dev.pgetl.schema.ReplicaIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Executes statements of the script within a transaction. */
final class Executor {
  private final Disk disk;
  private final OpenTransaction transaction;

  Executor(Disk disk, OpenTransaction transaction) {
    this.disk = disk;
    this.transaction = transaction;
  }

  /** Creates a table with the columns {@code id}, {@code a} and {@code b}. */
  static void create(Disk disk, int number, String name, ReplicaIdentity identity) {
    long oid = disk.next();
    List<Shape.Column> columns =
        List.of(new Shape.Column(1, "id"), new Shape.Column(2, "a"), new Shape.Column(3, "b"));
    Shape shape = new Shape(oid, name, identity, columns);
    disk.tables.put(oid, new Table(shape, 3, Map.of()));
    disk.oids.put(number, oid);
  }

  void execute(Statement statement) {
    transaction.touch(statement.table());
    if (statement instanceof Statement.Insert insert) {
      insert(insert);
    } else if (statement instanceof Statement.Update update) {
      update(update);
    } else if (statement instanceof Statement.MoveKey move) {
      move(move);
    } else if (statement instanceof Statement.Delete delete) {
      delete(delete);
    } else if (statement instanceof Statement.Truncate) {
      truncate(shape(statement));
    } else if (statement instanceof Statement.Recreate recreate) {
      recreate(recreate);
    } else if (statement instanceof Statement.Publish publish) {
      publish(publish);
    } else {
      alter(statement);
    }
  }

  private Table table(Statement statement) {
    return disk.table(Objects.requireNonNull(disk.oids.get(statement.table())));
  }

  private Shape shape(Statement statement) {
    return table(statement).shape();
  }

  /** Gives the table a new file, which changes the catalogue. */
  private void truncate(Shape shape) {
    transaction.alter(Set.of(shape.oid()));
    transaction.write(shape, null, null);
  }

  private void insert(Statement.Insert insert) {
    Shape shape = shape(insert);
    Row row = Row.of(insert.key());
    if (transaction.find(shape.oid(), row.key()) == null) {
      for (Shape.Column column : shape.columns().subList(1, shape.columns().size())) {
        row = row.with(column.number(), insert.value());
      }
      transaction.write(shape, null, row);
    }
  }

  private void update(Statement.Update update) {
    Shape shape = shape(update);
    Row before = transaction.find(shape.oid(), Integer.toString(update.key()));
    if (before != null) {
      int column = 1 + update.column() % (shape.columns().size() - 1);
      Row after = before.with(shape.columns().get(column).number(), update.value());
      transaction.write(shape, before, after);
    }
  }

  private void move(Statement.MoveKey move) {
    Shape shape = shape(move);
    Row before = transaction.find(shape.oid(), Integer.toString(move.key()));
    String newKey = Integer.toString(move.newKey());
    if (before != null && transaction.find(shape.oid(), newKey) == null) {
      transaction.write(shape, before, before.with(Shape.KEY, newKey));
    }
  }

  private void delete(Statement.Delete delete) {
    Shape shape = shape(delete);
    Row before = transaction.find(shape.oid(), Integer.toString(delete.key()));
    if (before != null) {
      transaction.write(shape, before, null);
    }
  }

  private void alter(Statement statement) {
    Table table = table(statement);
    Shape shape = table.shape();
    List<Shape.Column> columns = new ArrayList<>(shape.columns());
    int last = columns.size() - 1;
    disk.write(200);
    transaction.alter(Set.of(shape.oid()));
    if (statement instanceof Statement.RenameTable rename) {
      table.shape(shape.renamed(rename.name()));
      return;
    }
    if (statement instanceof Statement.AddColumn add) {
      columns.add(new Shape.Column(table.newColumn(), add.name()));
    } else if (statement instanceof Statement.DropColumn && last > 1) {
      columns.remove(last);
    } else if (statement instanceof Statement.RenameColumn rename) {
      columns.set(last, new Shape.Column(columns.get(last).number(), rename.name()));
    }
    table.wrote(transaction.xid(), columns.get(columns.size() - 1).number());
    table.shape(shape.with(columns));
  }

  private void recreate(Statement.Recreate recreate) {
    Shape old = shape(recreate);
    disk.write(400);
    Set<String> publications = disk.publishing(old.oid());
    disk.tables.remove(old.oid());
    disk.publications.values().forEach(of -> of.remove(old.oid()));
    create(disk, recreate.table(), old.name(), old.identity());
    long oid = shape(recreate).oid();
    publications.forEach(name -> disk.publish(name, oid));
    transaction.alter(Set.of(oid, OpenTransaction.PUBLICATIONS));
  }

  private void publish(Statement.Publish publish) {
    Table table = table(publish);
    disk.write(100);
    if (publish.add()) {
      disk.publish(publish.publication(), table.shape().oid());
    } else {
      disk.publication(publish.publication()).remove(table.shape().oid());
    }
    transaction.alter(Set.of(table.shape().oid(), OpenTransaction.PUBLICATIONS));
  }
}
