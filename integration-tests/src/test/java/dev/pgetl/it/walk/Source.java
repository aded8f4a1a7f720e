package dev.pgetl.it.walk;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The source as its developers and operators see it: SQL, and what its catalogue says. Owned by the
 * walk's thread.
 */
final class Source implements AutoCloseable {
  private static final String SESSION =
      """
      set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres';
      set extra_float_digits = 1; set bytea_output = 'hex'; set lock_timeout = '2s';
      set search_path = public; set statement_timeout = '30s'; set xmloption = 'content'; set quote_all_identifiers = off
      """;

  private static final String SHAPES =
      """
      select c.oid, n.nspname, c.relname, c.relkind, c.relreplident,
        (select string_agg(a.attnum || ' ' || a.attname, E'\\n' order by a.attnum)
         from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
        (select string_agg(k::text, ' ' order by k)
         from pg_index i, unnest(i.indkey::int2[]) k
         where i.indrelid = c.oid
           and case c.relreplident when 'i' then i.indisreplident else i.indisprimary end),
        (select array_to_string(i.indkey, ' ') from pg_index i
         where i.indrelid = c.oid and i.indisprimary),
        (select string_agg(a.attnum || ' ' || (
            select string_agg(f.attname, ' ' order by f.attnum) from pg_attribute f
            where f.attrelid = t.typrelid and f.attnum > 0 and not f.attisdropped), E'\\n')
         from pg_attribute a join pg_type t on t.oid = a.atttypid
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and t.typtype = 'c')
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname <> all ('{information_schema,pgetl,kit}')
        and n.nspname not like 'pg\\_%'
      order by n.nspname, c.relname
      """;

  private static final String COLUMNS =
      """
      select a.attname, format_type(a.atttypid, a.atttypmod), t.typtype::text || t.typcategory::text,
        a.attgenerated <> '' or a.attidentity = 'a', a.attnotnull
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = %d and a.attnum > 0 and not a.attisdropped
      order by a.attnum
      """;

  private final TestDatabase database;
  private final Shapes shapes = new Shapes();
  private List<Shape> tables = List.of();
  private @Nullable Connection connection;

  /**
   * A column of a table.
   *
   * @param type as in SQL
   * @param kind {@code typtype} and {@code typcategory}
   * @param generated whether it takes no value of ours
   */
  record Column(String name, String type, String kind, boolean generated, boolean notNull) {
    String sql() {
      return Shape.quoted(name);
    }
  }

  /**
   * A table of the publication.
   *
   * @param columns the published columns
   * @param filter which rows; empty for all
   */
  record Published(Shape table, List<String> columns, String filter) {
    long oid() {
      return table.oid();
    }
  }

  Source(TestDatabase database) {
    this.database = database;
  }

  TestDatabase database() {
    return database;
  }

  Shapes shapes() {
    return shapes;
  }

  int version() {
    return database.server().majorVersion();
  }

  /** Runs statements, each a transaction of its own unless they say {@code begin}. */
  void run(String... statements) throws SQLException {
    Connection session = session();
    try (Statement jdbc = session.createStatement()) {
      for (String statement : statements) {
        jdbc.execute(statement);
      }
    } catch (SQLException e) {
      discard();
      throw e;
    }
  }

  /** Runs statements that change tables, and looks at the catalogue after each transaction. */
  void alter(String... statements) throws SQLException {
    shapes.holdUntil(written());
    try {
      run(statements);
    } finally {
      refresh();
    }
  }

  /** {@return the rows of a query, as text} */
  List<List<@Nullable String>> query(String sql) throws SQLException {
    try (Statement jdbc = session().createStatement();
        ResultSet result = jdbc.executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      List<List<@Nullable String>> rows = new ArrayList<>();
      while (result.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(result.getString(i));
        }
        rows.add(row);
      }
      return rows;
    } catch (SQLException e) {
      discard();
      throw e;
    }
  }

  /** {@return the first value of a query; empty if there is none} */
  String value(String sql) throws SQLException {
    List<List<@Nullable String>> rows = query(sql);
    return rows.isEmpty() ? "" : Objects.requireNonNullElse(rows.get(0).get(0), "");
  }

  private Connection session() throws SQLException {
    Connection session = connection;
    if (session == null) {
      session = database.connect();
      connection = session;
      try (Statement jdbc = session.createStatement()) {
        jdbc.execute(SESSION);
      }
    }
    return session;
  }

  /** Ends the session; the next statement opens another one. */
  void discard() {
    Connection session = connection;
    connection = null;
    try {
      if (session != null) {
        session.close();
      }
    } catch (SQLException ignored) {
      // It is gone.
    }
  }

  /** Reads the catalogue. */
  void refresh() throws SQLException {
    tables = query(SHAPES).stream().map(Source::shape).toList();
    shapes.remember(written(), tables);
  }

  private Lsn written() throws SQLException {
    return Lsn.parse(value("select pg_current_wal_insert_lsn()"));
  }

  private static Shape shape(List<@Nullable String> row) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    for (String line : text(row, 5).split("\n")) {
      int blank = line.indexOf(' ');
      if (blank > 0) {
        numbers.put(line.substring(blank + 1), Integer.valueOf(line.substring(0, blank)));
      }
    }
    Map<Integer, List<String>> fields = new HashMap<>();
    for (String line : text(row, 8).split("\n")) {
      List<String> words = List.of(line.split(" "));
      if (words.size() > 1) {
        fields.put(Integer.valueOf(words.get(0)), words.subList(1, words.size()));
      }
    }
    return new Shape(
        Long.parseLong(text(row, 0)),
        text(row, 1),
        text(row, 2),
        text(row, 3),
        numbers,
        numbers(text(row, 6)),
        text(row, 4).equals("f"),
        Set.copyOf(numbers(text(row, 7))),
        fields);
  }

  private static List<Integer> numbers(String list) {
    return Arrays.stream(list.split(" "))
        .filter(number -> !number.isEmpty())
        .map(Integer::valueOf)
        .toList();
  }

  private static String text(List<@Nullable String> row, int column) {
    return Objects.requireNonNullElse(row.get(column), "");
  }

  /** {@return a table and all its partitions} */
  List<Shape> family(Shape root) throws SQLException {
    List<List<@Nullable String>> oids =
        query("select relid::oid from pg_partition_tree(%d)".formatted(root.oid()));
    return tables.stream()
        .filter(
            table ->
                table.oid() == root.oid()
                    || oids.stream().anyMatch(row -> text(row, 0).equals("" + table.oid())))
        .toList();
  }

  /** {@return whether the pipeline's role may read a table and its partitions} */
  boolean mayRead(Shape table) throws SQLException {
    for (Shape member : family(table)) {
      if (!value(
              "select has_table_privilege('%s', %d, 'select')".formatted(World.ROLE, member.oid()))
          .equals("t")) {
        return false;
      }
    }
    return true;
  }

  /** {@return all tables by schema and name, as of the last look at the catalogue} */
  List<Shape> tables() {
    return tables;
  }

  /** {@return a table by its schema and name} */
  Optional<Shape> table(String name) {
    return tables.stream().filter(table -> table.toString().equals(name)).findFirst();
  }

  List<Column> columns(Shape table) throws SQLException {
    return query(COLUMNS.formatted(table.oid())).stream()
        .map(
            row ->
                new Column(
                    text(row, 0),
                    text(row, 1),
                    text(row, 2),
                    text(row, 3).equals("t"),
                    text(row, 4).equals("t")))
        .toList();
  }

  /** {@return whether partitioned tables are published through their root} */
  boolean viaRoot() throws SQLException {
    return value("select pubviaroot from pg_publication where pubname = 'pub'").equals("t");
  }

  /** {@return what the publication says is published, as of now} */
  List<Published> published() throws SQLException {
    refresh();
    boolean lists = version() >= 15;
    String sql =
        "select p.schemaname || '.' || p.tablename, "
            + (lists ? "array_to_string(p.attnames, E'\\n'), p.rowfilter" : "null, null")
            + " from pg_publication_tables p where p.pubname = 'pub'"
            + " and p.schemaname not in ('pgetl', 'kit') order by 1";
    List<Published> published = new ArrayList<>();
    for (List<@Nullable String> row : query(sql)) {
      Shape table = table(text(row, 0)).orElseThrow();
      published.add(new Published(table, sent(table, row), text(row, 2)));
    }
    return published;
  }

  /** Generated columns are sent only if the publication says so, from Postgres 18 on. */
  private List<String> sent(Shape table, List<@Nullable String> row) throws SQLException {
    List<String> list = Arrays.asList(text(row, 1).split("\n"));
    if (version() >= 18) {
      return list.stream().filter(name -> !name.isEmpty()).toList();
    }
    List<List<@Nullable String>> stored =
        query(
            "select attname from pg_attribute where attrelid = %d and attnum > 0 and not attisdropped"
                    .formatted(table.oid())
                + " and attgenerated = '' order by attnum");
    return stored.stream()
        .map(name -> text(name, 0))
        .filter(name -> row.get(1) == null || list.contains(name))
        .toList();
  }

  /** {@return the published rows of a table, each by attribute number} */
  List<Map<Integer, @Nullable String>> rows(Published published) throws SQLException {
    Shape table = published.table();
    List<String> columns = published.columns();
    String list =
        columns.stream()
            .map(name -> Shape.quoted(name) + "::text")
            .collect(Collectors.joining(", "));
    String where = published.filter().isEmpty() ? "" : " where " + published.filter();
    List<Map<Integer, @Nullable String>> rows = new ArrayList<>();
    for (List<@Nullable String> row :
        query(
            "select "
                + list
                + " from "
                + table.from()
                + " as "
                + Shape.quoted(table.name())
                + where)) {
      Map<Integer, @Nullable String> cells = new LinkedHashMap<>();
      IntStream.range(0, columns.size())
          .forEach(i -> cells.put(table.numbers().get(columns.get(i)), row.get(i)));
      rows.add(cells);
    }
    return rows;
  }

  /** {@return the position behind everything committed so far} Commits may not be on disk yet. */
  Lsn position() throws SQLException {
    if (value("select pg_current_wal_insert_lsn() > pg_current_wal_flush_lsn()").equals("t")) {
      run(
          "set synchronous_commit = on",
          "select pg_logical_emit_message(true, 'walk', 'flush')",
          "reset synchronous_commit");
    }
    return Lsn.parse(value("select pg_current_wal_flush_lsn()"));
  }

  @Override
  public void close() {
    discard();
  }
}
