package dev.pgetl.it.walk;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What developers do to tables, their names, keys and partitions. */
final class TableSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("move the key to another column", TableSteps::moveKey),
          Step.of("drop the key", TableSteps::dropKey).weight(5),
          Step.of("identify rows as a whole", w -> identity(w, "full")),
          Step.of("identify rows of the root as a whole", TableSteps::identityOfRoot),
          Step.of("identify rows by the key", w -> identity(w, "default")),
          Step.of("identify rows by an index", TableSteps::identityByIndex),
          Step.of("do not identify rows", w -> identity(w, "nothing")).weight(3),
          Step.of("rename a table", TableSteps::rename),
          Step.of("swap the names of two tables", TableSteps::swapTables).mayCopy(),
          Step.of("move a table to another schema", TableSteps::move),
          Step.of("swap the names of two schemas", TableSteps::swapSchemas),
          Step.of("create a table", TableSteps::create).mayCopy(),
          Step.of("drop a table", TableSteps::drop).weight(5),
          Step.of("drop a table and create it again", TableSteps::dropAndCreate).weight(5),
          Step.of("make a table unlogged", w -> alter(w, "set unlogged")),
          Step.of("make a table logged", w -> alter(w, "set logged")),
          Step.of("create a partition", TableSteps::createPartition),
          Step.of("attach a partition with rows", TableSteps::attach),
          Step.of("detach a partition", TableSteps::detach),
          Step.of("drop a partition", TableSteps::dropPartition),
          Step.of("truncate a partition", TableSteps::truncatePartition),
          Step.of("create an index", TableSteps::createIndex),
          Step.of("add a check", w -> alter(w, "add check (1 = 1)")),
          Step.of("add a trigger that changes rows", TableSteps::addTrigger).weight(5),
          Step.of("rewrite a table without a change", TableSteps::vacuumFull),
          Step.of("comment", TableSteps::comment));

  private TableSteps() {}

  /** A table, published or not, that is no partition. */
  static Shape any(World world) throws SQLException {
    List<Shape> partitions = partitions(world);
    List<Shape> tables =
        world.source().tables().stream().filter(table -> !partitions.contains(table)).toList();
    return tables.get(world.random().nextInt(tables.size()));
  }

  private static List<Shape> partitions(World world) throws SQLException {
    Optional<Shape> root = root(world);
    return root.isEmpty()
        ? List.of()
        : world.source().family(root.get()).stream()
            .filter(table -> table.oid() != root.get().oid())
            .toList();
  }

  private static Optional<Shape> root(World world) {
    return world.source().tables().stream().filter(t -> t.kind().equals("p")).findFirst();
  }

  private static void alter(World world, String what) throws SQLException {
    world.source().alter("alter table " + any(world).sql() + " " + what);
  }

  /** Between the columns a and b of pairs, wherever it is now. */
  private static void moveKey(World world) throws SQLException {
    for (Shape table : world.source().tables()) {
      Integer a = table.number("a");
      Integer b = table.number("b");
      if (a != null && b != null && table.numbers().containsKey("n")) {
        String constraint = keyOf(world, table);
        String to = table.key().equals(List.of(a)) ? "b" : "a";
        world
            .source()
            .alter(
                "begin",
                "alter table " + table.sql() + " drop constraint " + constraint,
                "alter table " + table.sql() + " add primary key (" + to + ")",
                "commit");
      }
    }
  }

  private static String keyOf(World world, Shape table) throws SQLException {
    return world
        .source()
        .value(
            "select quote_ident(conname) from pg_constraint where contype = 'p' and conrelid = "
                + table.oid());
  }

  private static void dropKey(World world) throws SQLException {
    Shape table = any(world);
    String constraint = keyOf(world, table);
    if (!constraint.isEmpty() && table.kind().equals("r")) {
      world.source().alter("alter table " + table.sql() + " drop constraint " + constraint);
    }
  }

  private static void identity(World world, String identity) throws SQLException {
    Shape table = any(world);
    for (Shape member : world.source().family(table)) {
      world.source().alter("alter table " + member.sql() + " replica identity " + identity);
    }
  }

  private static void identityOfRoot(World world) throws SQLException {
    Optional<Shape> root = root(world);
    if (root.isPresent()) {
      world.source().alter("alter table " + root.get().sql() + " replica identity full");
    }
  }

  private static void identityByIndex(World world) throws SQLException {
    for (List<String> row : indexes(world)) {
      world
          .source()
          .alter("alter table " + row.get(0) + " replica identity using index " + row.get(1));
    }
  }

  /** Of one table: a unique index that is not its primary key. */
  private static List<List<String>> indexes(World world) throws SQLException {
    String table =
        world
            .source()
            .value(
                "select quote_ident(n.nspname) || '.' || quote_ident(t.relname) || ' '"
                    + " || quote_ident(c.relname) from pg_index i join pg_class c on c.oid = indexrelid"
                    + " join pg_class t on t.oid = indrelid join pg_namespace n on n.oid = t.relnamespace"
                    + " where indisunique and not indisprimary and t.relkind = 'r'"
                    + " and n.nspname in ('public', 'app', 'spare') order by 1 limit 1");
    return table.isEmpty() ? List.of() : List.of(List.of(table.split(" ")));
  }

  private static void rename(World world) throws SQLException {
    alter(world, "rename to t" + world.nextNumber());
  }

  private static void swapTables(World world) throws SQLException {
    Shape a = any(world);
    Shape b = any(world);
    if (a.schema().equals(b.schema()) && a.oid() != b.oid()) {
      world
          .source()
          .alter(
              "begin",
              "alter table " + a.sql() + " rename to between",
              "alter table " + b.sql() + " rename to " + Shape.quoted(a.name()),
              "alter table "
                  + Shape.quoted(a.schema())
                  + ".between rename to "
                  + Shape.quoted(b.name()),
              "commit");
    }
  }

  private static void move(World world) throws SQLException {
    alter(world, "set schema " + (world.random().nextBoolean() ? "app" : "spare"));
  }

  private static void swapSchemas(World world) throws SQLException {
    world
        .source()
        .alter(
            "begin",
            "alter schema app rename to between",
            "alter schema spare rename to app",
            "alter schema between rename to spare",
            "commit");
  }

  private static void create(World world) throws SQLException {
    String name = "public.t" + world.nextNumber();
    world
        .source()
        .alter(
            "create table " + name + "(id int primary key, v text, big text)",
            "insert into " + name + " select i, 'old ' || i from generate_series(-300, -1) i");
    PublicationSteps.add(world, world.source().table(name).orElseThrow());
  }

  private static void drop(World world) throws SQLException {
    Shape table = any(world);
    if (world.source().tables().size() > 6 && table.kind().equals("r")) {
      world.source().alter("drop table " + table.sql() + " cascade");
    }
  }

  private static void dropAndCreate(World world) throws SQLException {
    Shape table = any(world);
    if (table.kind().equals("r")) {
      world
          .source()
          .alter(
              "create table public.copied(like " + table.sql() + " including all)",
              "drop table " + table.sql() + " cascade",
              "alter table public.copied set schema " + Shape.quoted(table.schema()),
              "alter table "
                  + Shape.quoted(table.schema())
                  + ".copied rename to "
                  + Shape.quoted(table.name()));
      Shape again = world.source().table(table.toString()).orElseThrow();
      world.source().run(Rows.of(world, again).insert());
      PublicationSteps.add(world, again);
    }
  }

  /** {@return the beginning of a range that hardly any partition has} */
  private static long freeRange(World world) {
    return (1 + world.nextNumber() % 200) * 10_000_000;
  }

  private static void createPartition(World world) throws SQLException {
    Optional<Shape> root = root(world);
    if (root.isPresent()) {
      long from = freeRange(world);
      String table = "public.p" + world.nextNumber();
      world
          .source()
          .alter(
              "create table %s partition of %s for values from (%d) to (%d)"
                  .formatted(table, root.get().sql(), from, from + 1_000),
              identityAs(root.get(), table));
    }
  }

  /** {@return SQL that identifies a partition's rows as its root does} */
  private static String identityAs(Shape root, String partition) {
    return "alter table "
        + partition
        + " replica identity "
        + (root.wholeRow() ? "full" : "default");
  }

  /** Published through the root, rows that come and go with a partition are not in the stream. */
  private static void partitionsChange(World world, Shape root) throws SQLException {
    if (world.source().viaRoot()) {
      world.expected().warning(root.oid(), "its partitions change");
    }
  }

  private static void attach(World world) throws SQLException {
    Optional<Shape> root = root(world);
    if (root.isPresent()) {
      long from = freeRange(world);
      String table = "public.p" + world.nextNumber();
      world
          .source()
          .alter(
              "create table " + table + "(like " + root.get().sql() + " including all)",
              "insert into %s(id) select i from generate_series(%d, %d) i"
                  .formatted(table, from, from + 5),
              identityAs(root.get(), table));
      partitionsChange(world, root.get());
      world
          .source()
          .alter(
              "alter table %s attach partition %s for values from (%d) to (%d)"
                  .formatted(root.get().sql(), table, from, from + 1_000));
    }
  }

  private static Optional<Shape> aPartition(World world) throws SQLException {
    List<Shape> partitions = partitions(world);
    return partitions.isEmpty()
        ? Optional.empty()
        : Optional.of(partitions.get(world.random().nextInt(partitions.size())));
  }

  private static void detach(World world) throws SQLException {
    Optional<Shape> partition = aPartition(world);
    if (partition.isPresent()) {
      Shape root = root(world).orElseThrow();
      partitionsChange(world, root);
      world
          .source()
          .alter("alter table " + root.sql() + " detach partition " + partition.get().sql());
    }
  }

  private static void dropPartition(World world) throws SQLException {
    Optional<Shape> partition = aPartition(world);
    if (partition.isPresent()) {
      partitionsChange(world, root(world).orElseThrow());
      world.source().alter("drop table " + partition.get().sql());
    }
  }

  /** Of a table that is published through its root, it is not in the stream. */
  static void truncates(World world, Shape table) throws SQLException {
    if (world.source().viaRoot() && partitions(world).contains(table)) {
      world.limit(root(world).orElseThrow(), "TRUNCATE of one partition is not sent");
    }
  }

  private static void truncatePartition(World world) throws SQLException {
    Optional<Shape> partition = aPartition(world);
    if (partition.isPresent()) {
      truncates(world, partition.get());
      world.source().run("truncate " + partition.get().sql());
    }
  }

  private static void createIndex(World world) throws SQLException {
    Shape table = any(world);
    world.source().alter("create index on " + table.sql() + " ((1))");
  }

  private static void addTrigger(World world) throws SQLException {
    Shape table = any(world);
    if (table.numbers().containsKey("v")) {
      world
          .source()
          .alter(
              "create or replace function marks() returns trigger language plpgsql as"
                  + " $$ begin new.v := coalesce(new.v, '') || '!'; return new; end $$",
              "create or replace trigger marks before insert or update on "
                  + table.sql()
                  + " for each row execute function marks()");
    }
  }

  private static void vacuumFull(World world) throws SQLException {
    world.source().run("vacuum full " + any(world).sql());
  }

  private static void comment(World world) throws SQLException {
    world.source().alter("comment on table " + any(world).sql() + " is 'noted'");
  }
}
