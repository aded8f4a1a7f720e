package dev.pgetl.it.walk;

import static org.awaitility.Awaitility.await;

import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.core.ConditionTimeoutException;

/** What developers do to the columns and types of tables. */
final class ColumnSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("add a column", w -> add(w, "text")).weight(15),
          Step.of("add a column with a default", ColumnSteps::addWithDefault),
          Step.of("add a generated column", ColumnSteps::addGenerated).weight(5),
          Step.of("add a column and write it in one transaction", ColumnSteps::addAndWrite),
          Step.of("drop a column", ColumnSteps::drop),
          Step.of("drop a column and add it again", ColumnSteps::dropAndAdd),
          Step.of("rename a column", ColumnSteps::rename),
          Step.of("swap the names of two columns", ColumnSteps::swap),
          Step.of("widen a type", ColumnSteps::widen),
          Step.of("rewrite a column", ColumnSteps::rewrite),
          Step.of("set a default", w -> alterColumn(w, "set default null")),
          Step.of("forbid nulls", w -> alterColumn(w, "set not null")),
          Step.of("allow nulls", w -> alterColumn(w, "drop not null")),
          Step.of("store large values in line", w -> alterColumn(w, "set storage main")),
          Step.of("add a label to an enum", ColumnSteps::addLabel),
          Step.of("rename a label of an enum", ColumnSteps::renameLabel).weight(5),
          Step.of("add an attribute to a composite type", ColumnSteps::addAttribute).weight(5),
          Step.of("rename an attribute of a composite type", ColumnSteps::renameAttribute),
          Step.of("rename a type", ColumnSteps::renameType),
          Step.of("constrain a domain", ColumnSteps::constrainDomain));

  private ColumnSteps() {}

  /** The statement's beginning for a random table. */
  private static String alter(Shape table) {
    return "alter table " + table.sql() + " ";
  }

  private static void add(World world, String type) throws SQLException {
    Shape table = TableSteps.any(world);
    world.source().alter(alter(table) + "add column c" + world.nextNumber() + " " + type);
  }

  private static void addWithDefault(World world) throws SQLException {
    Shape table = TableSteps.any(world);
    world.limit(table, "a column comes with the next change of its table");
    world
        .source()
        .alter(
            alter(table)
                + "add column c%d int default %d"
                    .formatted(world.nextNumber(), world.nextNumber()));
  }

  private static void addGenerated(World world) throws SQLException {
    Shape table = TableSteps.any(world);
    if (table.numbers().containsKey("id")) {
      world
          .source()
          .alter(
              alter(table)
                  + "add column g%d text generated always as (upper('x')) stored"
                      .formatted(world.nextNumber()));
    }
  }

  private static void addAndWrite(World world) throws SQLException {
    Rows rows = Rows.of(world, TableSteps.any(world));
    String column = "c" + world.nextNumber();
    world
        .source()
        .alter(
            "begin",
            rows.insert(),
            alter(rows.table()) + "add column " + column + " text",
            rows.insert(),
            rows.set(column + " = 'written'", 2),
            "commit");
  }

  /** A column that is no part of the key; refused where others need it. */
  private static Source.Column some(World world, Rows rows) {
    List<Source.Column> others = rows.others();
    return others.isEmpty()
        ? new Source.Column("none", "text", "bS", false, false)
        : others.get(world.random().nextInt(others.size()));
  }

  private static void drop(World world) throws SQLException {
    Rows rows = Rows.of(world, TableSteps.any(world));
    if (rows.others().size() > 1) {
      world.source().alter(alter(rows.table()) + "drop column " + some(world, rows).sql());
    }
  }

  private static void dropAndAdd(World world) throws SQLException {
    Rows rows = Rows.of(world, TableSteps.any(world));
    if (rows.others().size() > 1) {
      Source.Column column = some(world, rows);
      world.warning(rows.table(), "a column was dropped and added again");
      world
          .source()
          .alter(
              alter(rows.table()) + "drop column " + column.sql(),
              alter(rows.table()) + "add column " + column.sql() + " " + column.type());
    }
  }

  private static void rename(World world) throws SQLException {
    Shape table = TableSteps.any(world);
    List<Source.Column> columns = world.source().columns(table);
    if (!columns.isEmpty()) {
      Source.Column column = columns.get(world.random().nextInt(columns.size()));
      world
          .source()
          .alter(alter(table) + "rename column " + column.sql() + " to r" + world.nextNumber());
    }
  }

  private static void swap(World world) throws SQLException {
    Rows rows = Rows.of(world, TableSteps.any(world));
    if (rows.others().size() > 1) {
      String a = rows.others().get(0).sql();
      String b = rows.others().get(1).sql();
      String alter = alter(rows.table());
      world
          .source()
          .alter(
              "begin",
              alter + "rename column " + a + " to between",
              alter + "rename column " + b + " to " + a,
              alter + "rename column between to " + b,
              "commit");
    }
  }

  private static void widen(World world) throws SQLException {
    Shape table = TableSteps.any(world);
    for (Source.Column column : world.source().columns(table)) {
      String wider =
          switch (column.type()) {
            case "integer" -> "bigint";
            case "bigint" -> "numeric";
            case "character varying(40)", "short", "numeric" -> "text";
            default -> "";
          };
      if (!wider.isEmpty()) {
        world.warning(table, "the type of a column was changed");
        world.source().alter(alter(table) + "alter column " + column.sql() + " type " + wider);
        return;
      }
    }
  }

  private static void rewrite(World world) throws SQLException {
    Rows rows = Rows.of(world, TableSteps.any(world));
    Source.Column column = some(world, rows);
    if (column.type().equals("text")) {
      world.limit(rows.table(), "ALTER TYPE USING writes rows");
      world
          .source()
          .alter(
              alter(rows.table())
                  + "alter column %1$s type text using reverse(%1$s)".formatted(column.sql()));
    }
  }

  private static void alterColumn(World world, String what) throws SQLException {
    Rows rows = Rows.of(world, TableSteps.any(world));
    if (!rows.others().isEmpty()) {
      world
          .source()
          .alter(alter(rows.table()) + "alter column " + some(world, rows).sql() + " " + what);
    }
  }

  private static void addLabel(World world) throws SQLException {
    world.source().alter("alter type mood add value 'mood %d'".formatted(world.nextNumber()));
  }

  private static void renameLabel(World world) throws SQLException {
    String label = world.source().value("select (enum_range(null::mood))[1]");
    limitUsersOf(world, "mood", "a renamed label changes rows");
    world
        .source()
        .alter(
            "alter type mood rename value '%s' to 'mood %d'".formatted(label, world.nextNumber()));
  }

  private static void addAttribute(World world) throws SQLException {
    limitUsersOf(world, "place", "another attribute changes rows");
    world.source().alter("alter type place add attribute a%d text".formatted(world.nextNumber()));
  }

  private static void renameAttribute(World world) throws Exception {
    String attribute =
        world
            .source()
            .value(
                "select quote_ident(attname) from pg_attribute where attrelid = 'place'::regclass"
                    + " and attnum > 0 and not attisdropped order by attnum limit 1");
    Optional<Source.Published> user =
        world.source().published().stream()
            .filter(table -> table.filter().isEmpty() && !composites(table).isEmpty())
            .findFirst();
    if (user.isPresent()) {
      world.source().run(Rows.of(world, user.get().table()).insert());
    }
    boolean streams = user.isPresent() && streams(world, user.get().oid());
    world
        .source()
        .alter(
            "alter type place rename attribute %s to a%d".formatted(attribute, world.nextNumber()));
    if (streams) {
      awaitFields(world, user.orElseThrow());
    }
  }

  /** {@return whether there is a process, and its stream has read everything, a table's too} */
  static boolean streams(World world, long table) throws Exception {
    Instance instance = world.instance();
    world.orders().clear();
    return instance != null
        && instance.isStreaming(world.source().position())
        && instance.isReady(table);
  }

  /** {@return the published columns of composite types} */
  private static List<String> composites(Source.Published table) {
    return table.columns().stream()
        .filter(name -> table.table().fields().containsKey(table.table().number(name)))
        .toList();
  }

  /** The events of a table soon name the fields as they are. */
  private static void awaitFields(World world, Source.Published table) throws Exception {
    Instance instance = world.requireInstance();
    String column = Shape.quoted(composites(table).get(0));
    String change = Rows.of(world, table.table()).set(column + " = " + column, 1);
    try {
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                world.source().run(change);
                return !instance.isReady(table.oid()) || namesFields(world, table);
              });
    } catch (ConditionTimeoutException e) {
      throw new Failure(
          Failure.Kind.SILENT_DIFFERENCE,
          "events of %s name fields that were renamed: %s"
              .formatted(
                  table.table(), world.target().described(table.oid()).map(TableSchema::columns)));
    }
  }

  private static boolean namesFields(World world, Source.Published table) {
    Shape now = world.source().table(table.table().toString()).orElseThrow();
    return world
        .target()
        .described(table.oid())
        .filter(said -> composites(table).stream().allMatch(name -> names(said, name, now)))
        .isPresent();
  }

  private static boolean names(TableSchema said, String column, Shape now) {
    int place = said.indexOf(column);
    return place >= 0
        && Description.fields(said.column(place)).equals(now.fields().get(now.number(column)));
  }

  private static void renameType(World world) throws SQLException {
    world.source().alter("alter type short rename to short" + world.nextNumber());
  }

  private static void constrainDomain(World world) throws SQLException {
    world
        .source()
        .alter("alter domain short add check (value <> 'no %d')".formatted(world.nextNumber()));
  }

  private static void limitUsersOf(World world, String type, String why) throws SQLException {
    for (Shape table : world.source().tables()) {
      if (world.source().columns(table).stream().anyMatch(c -> c.type().startsWith(type))) {
        world.limit(table, why);
      }
    }
  }
}
