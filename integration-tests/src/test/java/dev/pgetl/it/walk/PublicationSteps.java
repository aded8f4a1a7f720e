package dev.pgetl.it.walk;

import dev.pgetl.error.ErrorKind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What operators do to the publication. */
final class PublicationSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("publish a table", PublicationSteps::addSome).mayCopy(),
          Step.of("take a table out of the publication", PublicationSteps::remove).mayCopy(),
          Step.of("take a table out and publish it again", PublicationSteps::removeAndAdd)
              .mayCopy(),
          Step.of("set a row filter", w -> change(w, true)).since(15),
          Step.of("set a column list", w -> change(w, false)).since(15),
          Step.of("remove filters and lists", PublicationSteps::plain).since(15),
          Step.of("publish a schema", w -> schema(w, "add")).since(15).mayCopy(),
          Step.of("take a schema out", w -> schema(w, "drop")).since(15),
          Step.of("publish partitions another way", PublicationSteps::switchRoot)
              .weight(4)
              .mayCopy(),
          Step.of("make the publication again", PublicationSteps::again)
              .weight(2)
              .mayReport(ErrorKind.PUBLICATION_MISSING)
              .mayCopy());

  /** A table of the publication, with its row filter and its column list. */
  private record Entry(String table, long oid, String filter, String list) {
    String sql() {
      return table
          + (list.isEmpty() ? "" : "(" + list + ")")
          + (filter.isEmpty() ? "" : " where (" + filter + ")");
    }

    Entry plain() {
      return new Entry(table, oid, "", "");
    }
  }

  private PublicationSteps() {}

  static void add(World world, Shape table) throws SQLException {
    for (Shape member : world.source().family(table)) {
      appears(world, member);
    }
    world.source().alter("alter publication pub add table " + table.sql());
  }

  /** Whether the pipeline may carry a table still. */
  private static boolean isKnown(World world, Shape table) {
    Instance instance = world.instance();
    return world.carried().contains(table.oid())
        || (instance != null
            && instance.status().tables().keySet().stream()
                .anyMatch(id -> id.oid() == table.oid()));
  }

  /**
   * A table becomes published. Where the pipeline may not have noticed its absence, it may differ.
   */
  private static void appears(World world, Shape table) {
    if (isKnown(world, table)) {
      world.expected().warning(table.oid(), "it was taken out and published between two looks");
      world.expected().copy(table.oid());
    }
    world.concerns(table.oid());
  }

  private static void addSome(World world) throws SQLException {
    List<Entry> entries = entries(world);
    for (Shape table : world.source().tables()) {
      if (entries.stream().noneMatch(entry -> entry.oid() == table.oid())
          && world.random().nextInt(3) == 0) {
        add(world, table);
        return;
      }
    }
  }

  private static Optional<Shape> some(World world) throws SQLException {
    List<Entry> entries = entries(world);
    return entries.isEmpty()
        ? Optional.empty()
        : world.source().tables().stream()
            .filter(
                table ->
                    table.oid() == entries.get((int) (world.nextNumber() % entries.size())).oid())
            .findFirst();
  }

  private static void remove(World world) throws SQLException {
    Optional<Shape> table = some(world);
    if (table.isPresent() && entries(world).size() > 3) {
      world.concerns(table.get().oid()); // its schema may publish it still
      world.source().alter("alter publication pub drop table " + table.get().sql());
    }
  }

  private static void removeAndAdd(World world) throws SQLException {
    Optional<Shape> table = some(world);
    if (table.isPresent()) {
      world.source().alter("alter publication pub drop table " + table.get().sql());
      world.source().run(Rows.of(world, table.get()).insert());
      add(world, table.get());
    }
  }

  private static List<Entry> entries(World world) throws SQLException {
    boolean lists = world.source().version() >= 15;
    String sql =
        "select quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.oid, "
            + (lists
                ? "pg_get_expr(r.prqual, r.prrelid), (select string_agg(quote_ident(attname), ', ')"
                    + " from pg_attribute where attrelid = c.oid and attnum = any(r.prattrs))"
                : "'', ''")
            + " from pg_publication_rel r join pg_publication p on p.oid = r.prpubid"
            + " join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace"
            + " where p.pubname = 'pub' order by 1";
    List<Entry> entries = new ArrayList<>();
    for (List<@Nullable String> row : world.source().query(sql)) {
      entries.add(
          new Entry(text(row, 0), Long.parseLong(text(row, 1)), text(row, 2), text(row, 3)));
    }
    return entries;
  }

  private static String text(List<@Nullable String> row, int column) {
    return Objects.requireNonNullElse(row.get(column), "");
  }

  private static void set(World world, List<Entry> entries) throws SQLException {
    world
        .source()
        .alter(
            "alter publication pub set table "
                + String.join(", ", entries.stream().map(Entry::sql).toList()));
  }

  private static void change(World world, boolean filter) throws SQLException {
    List<Entry> entries = new ArrayList<>(entries(world));
    if (entries.isEmpty()) {
      return;
    }
    int at = world.random().nextInt(entries.size());
    Entry entry = entries.get(at);
    for (Shape table : world.source().tables()) {
      if (table.oid() == entry.oid() && !table.key().isEmpty()) {
        String keys = keyColumns(table);
        String first = keys.split(", ")[0];
        entries.set(
            at,
            filter
                ? new Entry(
                    entry.table(),
                    entry.oid(),
                    "length(" + first + "::text) % 2 = " + world.random().nextInt(2),
                    entry.list())
                : new Entry(entry.table(), entry.oid(), entry.filter(), keys));
        rescoped(world, table, entry, entries.get(at));
        set(world, entries);
      }
    }
  }

  private static String keyColumns(Shape table) {
    return String.join(
        ", ",
        table.numbers().entrySet().stream()
            .filter(column -> table.key().contains(column.getValue()))
            .map(column -> Shape.quoted(column.getKey()))
            .toList());
  }

  private static void plain(World world) throws SQLException {
    List<Entry> entries = entries(world);
    if (entries.isEmpty()) {
      return;
    }
    for (Shape table : world.source().tables()) {
      for (Entry entry : entries) {
        if (entry.oid() == table.oid() && !entry.equals(entry.plain())) {
          rescoped(world, table, entry, entry.plain());
        }
      }
    }
    set(world, entries.stream().map(Entry::plain).toList());
  }

  private static void rescoped(World world, Shape table, Entry before, Entry now)
      throws SQLException {
    world.warning(table, "a row filter or column list changes");
    for (Shape member : world.source().family(table)) {
      world.expected().scope(member.oid(), before.sql(), now.sql());
    }
  }

  private static void schema(World world, String what) throws SQLException {
    if (what.equals("add")) {
      for (Shape table : world.source().tables()) {
        if (table.schema().equals("spare")) {
          appears(world, table);
        }
      }
    }
    world.source().alter("alter publication pub " + what + " tables in schema spare");
  }

  private static void switchRoot(World world) throws SQLException {
    boolean viaRoot = world.source().viaRoot();
    for (Shape root : world.source().tables()) {
      if (root.kind().equals("p")) {
        for (Shape member : world.source().family(root)) {
          if (viaRoot == member.kind().equals("r")) {
            appears(world, member);
          }
        }
      }
    }
    world
        .source()
        .alter("alter publication pub set (publish_via_partition_root = " + !viaRoot + ")");
  }

  /** For the WAL in between it will never exist. */
  private static void again(World world) throws SQLException {
    List<Entry> entries = entries(world);
    boolean all = entries.isEmpty() || world.random().nextBoolean();
    boolean viaRoot = world.source().viaRoot();
    world.concernsAll();
    for (Shape table : world.source().tables()) {
      if (entries.stream().anyMatch(e -> e.oid() == table.oid() && !e.sql().equals(e.table()))) {
        world.warning(table, "its row filter or column list is gone");
      }
    }
    world.source().run("drop publication pub");
    try {
      world.source().run(Rows.of(world, TableSteps.any(world)).insert());
    } finally {
      world
          .source()
          .alter(
              "create publication pub for "
                  + (all
                      ? "all tables"
                      : "table " + String.join(", ", entries.stream().map(Entry::table).toList()))
                  + " with (publish_via_partition_root = "
                  + viaRoot
                  + ")");
    }
  }
}
