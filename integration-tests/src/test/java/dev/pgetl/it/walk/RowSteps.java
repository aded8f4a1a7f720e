package dev.pgetl.it.walk;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What applications do. */
final class RowSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("insert rows", w -> run(w, any(w), Rows::insert, 5)).weight(100),
          Step.of("update a row", w -> w.source().run(any(w).update(1))).weight(80),
          Step.of("update many rows", w -> w.source().run(any(w).update(30))),
          Step.of("update all rows", w -> w.source().run(any(w).update(100_000))),
          Step.of("delete a row", w -> w.source().run(any(w).delete(1))).weight(50),
          Step.of("delete many rows", w -> w.source().run(any(w).delete(20))),
          Step.of("write a large value", RowSteps::writeLarge).weight(40),
          Step.of("move keys", RowSteps::moveKeys).weight(40),
          Step.of("shift all keys at once", RowSteps::shiftKeys),
          Step.of("truncate", w -> w.source().run("truncate " + truncated(w))),
          Step.of("truncate two tables", RowSteps::truncateTwo),
          Step.of("roll back", RowSteps::rollBack),
          Step.of("roll back to a savepoint", RowSteps::savepoints).weight(40),
          Step.of("insert, update and delete one row", RowSteps::oneRow).weight(20),
          Step.of("commit a large transaction", RowSteps::large).weight(5),
          Step.of("commit a transaction of several tables", RowSteps::severalTables).weight(40),
          Step.of("commit in two phases", w -> twoPhases(w, "commit prepared")),
          Step.of("roll back in the second phase", w -> twoPhases(w, "rollback prepared")),
          Step.of("leave a prepared transaction", RowSteps::prepare).weight(5),
          Step.of("leave a transaction open", RowSteps::leaveOpen).weight(5),
          Step.of("write from another origin", RowSteps::fromOrigin),
          Step.of("emit a logical message", RowSteps::message),
          Step.of("commit asynchronously", RowSteps::asynchronously),
          Step.of("insert or update", RowSteps::upsert),
          Step.of("write as a replica", RowSteps::asReplica),
          Step.of("merge", RowSteps::merge).since(15),
          Step.of("move rows to another partition", RowSteps::movePartition).weight(20),
          Step.of("change nothing", RowSteps::changeNothing));

  private RowSteps() {}

  private interface Change {
    String of(Rows rows);
  }

  /** A table that is published, or is not. */
  static Rows any(World world) throws SQLException {
    List<Shape> tables = world.source().tables();
    return Rows.of(world, tables.get(world.random().nextInt(tables.size())));
  }

  /** A table with a key; a change of the others is refused, or names whole rows. */
  private static Rows keyed(World world) throws SQLException {
    List<Shape> tables =
        world.source().tables().stream().filter(table -> !table.key().isEmpty()).toList();
    return Rows.of(world, tables.get(world.random().nextInt(tables.size())));
  }

  private static void run(World world, Rows rows, Change change, int most) throws SQLException {
    for (int i = world.random().nextInt(most); i >= 0; i--) {
      world.source().run(change.of(rows));
    }
  }

  private static void writeLarge(World world) throws SQLException {
    List<Shape> tables =
        world.source().tables().stream().filter(t -> t.numbers().containsKey("big")).toList();
    if (!tables.isEmpty()) {
      Rows rows = Rows.of(world, tables.get(world.random().nextInt(tables.size())));
      if (rows.large().isPresent()) {
        world.source().run(rows.set("big = " + Values.large(world.nextNumber()), 3));
      }
    }
  }

  private static void moveKeys(World world) throws SQLException {
    Rows rows = keyed(world);
    for (Source.Column column : world.source().columns(rows.table())) {
      if (rows.isKey(column)) {
        world.source().run(rows.set(column.sql() + " = " + rows.value(column), 1));
      }
    }
  }

  private static void shiftKeys(World world) throws SQLException {
    Rows rows = keyed(world);
    for (Source.Column column : world.source().columns(rows.table())) {
      if (rows.isKey(column)
          && (column.type().equals("integer") || column.type().equals("bigint"))) {
        world.source().run(rows.set(column.sql() + " = -1 - " + column.sql(), 100_000));
        return;
      }
    }
  }

  private static void truncateTwo(World world) throws SQLException {
    world.source().run("truncate " + truncated(world) + ", " + truncated(world) + " cascade");
  }

  private static String truncated(World world) throws SQLException {
    Shape table = any(world).table();
    TableSteps.truncates(world, table);
    return table.sql();
  }

  private static void rollBack(World world) throws SQLException {
    Rows rows = any(world);
    world.source().run("begin", rows.insert(), rows.update(3), rows.delete(2), "rollback");
  }

  private static void savepoints(World world) throws SQLException {
    Rows rows = any(world);
    world
        .source()
        .run(
            "begin",
            rows.insert(),
            "savepoint a",
            rows.insert(),
            rows.update(2),
            "savepoint b",
            rows.delete(1),
            "rollback to b",
            world.random().nextBoolean() ? "rollback to a" : "release a",
            rows.insert(),
            "commit");
  }

  private static void oneRow(World world) throws SQLException {
    Rows rows = any(world);
    world
        .source()
        .run("begin", rows.insert(), rows.update(1), rows.update(1), rows.delete(1), "commit");
  }

  private static void large(World world) throws SQLException {
    Rows rows = any(world);
    List<String> statements = new ArrayList<>(List.of("begin"));
    for (int i = 0; i < 400; i++) {
      statements.add(rows.insert());
    }
    statements.add(rows.update(200));
    statements.add("commit");
    world.source().run(statements.toArray(String[]::new));
  }

  private static void severalTables(World world) throws SQLException {
    world
        .source()
        .run(
            "begin",
            any(world).insert(),
            any(world).update(2),
            any(world).delete(1),
            any(world).insert(),
            "commit");
  }

  private static void twoPhases(World world, String end) throws SQLException {
    String gid = "'g" + world.nextNumber() + "'";
    Rows rows = any(world);
    world.source().run("begin", rows.insert(), rows.update(2), "prepare transaction " + gid);
    Rows others = any(world);
    if (others.table().oid() != rows.table().oid()) {
      world.source().run(others.insert());
    }
    world.source().run(end + " " + gid);
  }

  private static void prepare(World world) throws SQLException {
    world
        .source()
        .run("begin", any(world).insert(), "prepare transaction 'left " + world.nextNumber() + "'");
  }

  private static void leaveOpen(World world) throws SQLException {
    world.openTransaction(any(world).insert());
  }

  private static void fromOrigin(World world) throws SQLException {
    Rows rows = any(world);
    world
        .source()
        .run(
            "select pg_replication_origin_create('walk') where not exists"
                + " (select from pg_replication_origin where roname = 'walk')",
            "select pg_replication_origin_session_setup('walk')",
            "begin",
            "select pg_replication_origin_xact_setup('0/" + world.nextNumber() + "', now())",
            rows.insert(),
            rows.update(2),
            "commit",
            "select pg_replication_origin_session_reset()");
  }

  private static void message(World world) throws SQLException {
    Rows rows = any(world);
    world
        .source()
        .run(
            "select pg_logical_emit_message(false, 'walk', 'alone')",
            "begin",
            rows.insert(),
            "select pg_logical_emit_message(true, 'walk', 'with rows')",
            "select pg_logical_emit_message(false, 'walk', 'amid')",
            rows.update(1),
            "commit");
  }

  private static void asynchronously(World world) throws SQLException {
    Rows rows = any(world);
    world
        .source()
        .run(
            "begin", "set local synchronous_commit = off", rows.insert(), rows.update(2), "commit");
  }

  private static void upsert(World world) throws SQLException {
    Rows rows = keyed(world);
    world.source().run(rows.insert() + " on conflict do nothing");
    world.source().run(rows.update(1));
  }

  private static void asReplica(World world) throws SQLException {
    Rows rows = any(world);
    world
        .source()
        .run(
            "set session_replication_role = replica",
            rows.insert(),
            rows.delete(1),
            "reset session_replication_role");
  }

  private static void merge(World world) throws SQLException {
    Shape table = world.source().table("public.pairs").orElse(null);
    if (table != null && table.numbers().containsKey("v")) {
      long n = world.nextNumber();
      world
          .source()
          .run(
              "merge into pairs p using generate_series(%1$d, %1$d + 2) s on p.a::text in (s::text, (-s %% 10)::text)"
                      .formatted(n)
                  + " when matched then update set v = 'merged'"
                  + " when not matched then insert (a, b, v) values (s, s, 'new')");
    }
  }

  private static void movePartition(World world) throws SQLException {
    if (world.source().table("public.parted").isPresent()) {
      long n = world.nextNumber();
      world
          .source()
          .run(
              "insert into parted(id, v) values (%d, 'moves')".formatted(n),
              "update parted set id = id + 1000000 where id = %d".formatted(n));
    }
  }

  private static void changeNothing(World world) throws SQLException {
    Rows rows = any(world);
    List<Source.Column> others = rows.others();
    if (!others.isEmpty()) {
      String column = others.get(0).sql();
      world.source().run(rows.set(column + " = " + column, 10));
    }
  }
}
