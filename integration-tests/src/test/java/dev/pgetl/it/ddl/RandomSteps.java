package dev.pgetl.it.ddl;

import dev.pgetl.it.ddl.Catalogue.Column;
import dev.pgetl.it.ddl.Catalogue.Table;
import dev.pgetl.it.ddl.Step.Kind;
import java.util.List;
import java.util.random.RandomGenerator;

/** Steps at random for tables as they are. The server may refuse one: then it is not made. */
final class RandomSteps {
  static final String OTHER_SCHEMA = "Other \"place\"";
  private static final int MOST_COLUMNS = 14;
  private static final Kind[] KINDS = Kind.values();

  /** Tables whose names are exchanged are not followed yet. */
  private static final boolean EXCHANGES = Boolean.getBoolean("ddl.exchanges");

  private static final Kind[] PLAIN = {Kind.ADD, Kind.DROP, Kind.RENAME};
  private static final List<String> SHAPES =
      List.of(
          "(id int primary key, place int unique, big text, n numeric)",
          "(id bigint, \"Part\" text collate \"C\", place int, v text, primary key (id, \"Part\"))",
          "(v text, n int, f float8, at timestamptz)",
          "(v text, n int, big text, f real)",
          "(id int not null, place int unique deferrable initially deferred, v text)",
          "(id int primary key, v text, twice int generated always as (id * 2) stored)",
          "(id int generated always as identity primary key, v text, j json, m mood, c pair)",
          "(id int, place int, v text, primary key (id, place)) partition by range (id)");

  private final RandomGenerator random;
  private final RandomValues values;
  private final RandomRows rows;
  private int number;

  RandomSteps(RandomGenerator random) {
    this.random = random;
    this.values = new RandomValues(random);
    this.rows = new RandomRows(random, values);
  }

  RandomRows rows() {
    return rows;
  }

  /** {@return a step; half of them change rows} */
  Step next(List<Table> tables) {
    Kind kind =
        switch (random.nextInt(6)) {
          case 0, 1 -> Kind.ROWS;
          case 2 -> PLAIN[random.nextInt(PLAIN.length)];
          default -> KINDS[random.nextInt(KINDS.length)];
        };
    if (kind == Kind.EXCHANGE_TABLES && !EXCHANGES) {
      kind = Kind.ROWS;
    }
    if (tables.size() < 4) {
      kind = Kind.CREATE_TABLE;
    }
    Table table = tables.isEmpty() ? null : tables.get(random.nextInt(tables.size()));
    if (table == null || kind == Kind.CREATE_TABLE) {
      return new Step(Kind.CREATE_TABLE, 0, create("public", name("Table"), random), false);
    }
    return ofTable(kind, table, tables);
  }

  private Step ofTable(Kind kind, Table table, List<Table> tables) {
    String alter = "alter table " + table.sql() + " ";
    return switch (kind) {
      case ADD, ADD_CONSTANT, ADD_VOLATILE, ADD_GENERATED, ADD_AGAIN -> added(kind, table, alter);
      case DROP, RENAME, EXCHANGE_NAMES, TYPE, NOT_NULL, DEFAULT -> altered(kind, table, alter);
      case RENAME_TABLE -> step(kind, table, alter + "rename to " + Side.quoted(name("Renamed")));
      case MOVE_TABLE -> step(kind, table, alter + "set schema " + otherSchema(table));
      case EXCHANGE_TABLES -> step(kind, table, exchange(table, tables));
      case DROP_TABLE -> quiet(kind, 0, "drop table " + table.sql() + " cascade");
      case CREATE_AGAIN ->
          quiet(
              kind,
              0,
              "drop table %s cascade; %s"
                  .formatted(table.sql(), create(table.schema(), table.name(), random)));
      case KEY -> step(kind, table, key(table, alter));
      case IDENTITY -> step(kind, table, identity(table, alter));
      case UNIQUE -> quiet(kind, table.oid(), alter + unique(table));
      case ENUM -> quiet(kind, 0, "alter type mood add value '%s'".formatted("mood " + ++number));
      case PARTITION -> quiet(kind, table.oid(), partition(table));
      case TRUNCATE -> quiet(kind, 0, truncate(table, tables));
      default -> quiet(Kind.ROWS, table.oid(), rows.changes(table));
    };
  }

  private static Step step(Kind kind, Table table, String sql) {
    return new Step(kind, table.oid(), sql, true);
  }

  private static Step quiet(Kind kind, long table, String sql) {
    return new Step(kind, table, sql, false);
  }

  /** Quoted, mixed, odd, and at times as long as a name may be. */
  private String name(String what) {
    String name = what + " " + ++number;
    return switch (random.nextInt(6)) {
      case 0 -> (name + " " + "x".repeat(63)).substring(0, 63);
      case 1 -> name + "\"';--";
      case 2 -> name + " \u00e9\u4e2d";
      default -> (what + number).toLowerCase(java.util.Locale.ROOT);
    };
  }

  private String create(String schema, String name, RandomGenerator chosen) {
    int shape = chosen.nextInt(SHAPES.size());
    String table = Side.quoted(schema) + "." + Side.quoted(name);
    String sql = "create table " + table + " " + SHAPES.get(shape);
    if (shape == 3) {
      sql += "; alter table " + table + " replica identity full";
    } else if (shape == 4) {
      String index = Side.quoted("by id " + ++number);
      sql +=
          "; create unique index %s on %s (id); alter table %s replica identity using index %s"
              .formatted(index, table, table, index);
    } else if (shape == 7) {
      String part = Side.quoted("part " + ++number);
      sql +=
          "; create table %1$s partition of %3$s for values from (minvalue) to (500000); create table %2$s partition of %3$s for values from (500000) to (maxvalue)"
              .formatted(part, Side.quoted("part " + ++number), table);
    }
    return sql;
  }

  private Step added(Kind kind, Table table, String alter) {
    List<String> types = values.types();
    String type = types.get(random.nextInt(types.size()));
    String column = Side.quoted(name("Column"));
    if (table.columns().size() > MOST_COLUMNS) {
      return quiet(Kind.ROWS, table.oid(), rows.changes(table));
    }
    return switch (kind) {
      case ADD_CONSTANT ->
          step(
              kind,
              table,
              alter
                  + "add column %s %s %s default %s"
                      .formatted(
                          column, type, random.nextBoolean() ? "not null" : "", values.of(type)));
      case ADD_VOLATILE ->
          step(kind, table, alter + "add column " + column + " float8 default random()");
      case ADD_GENERATED ->
          step(
              kind,
              table,
              alter + "add column " + column + " text generated always as ('x') stored");
      case ADD_AGAIN -> again(table, alter);
      default -> step(Kind.ADD, table, alter + "add column " + column + " " + type);
    };
  }

  private Step again(Table table, String alter) {
    Column column = any(table);
    return step(
        Kind.ADD_AGAIN,
        table,
        alter
            + "drop column %1$s cascade, add column %1$s %2$s"
                .formatted(column.sql(), column.type()));
  }

  private Column any(Table table) {
    List<Column> free = table.free().isEmpty() ? table.columns() : table.free();
    return free.get(random.nextInt(free.size()));
  }

  private Step altered(Kind kind, Table table, String alter) {
    Column column = any(table);
    return switch (kind) {
      case DROP -> step(kind, table, alter + "drop column " + column.sql() + " cascade");
      case RENAME -> step(kind, table, rename(table, column, name("Named")));
      case EXCHANGE_NAMES -> {
        Column other = any(table);
        yield step(
            kind,
            table,
            String.join(
                "; ",
                rename(table, column, "aside"),
                "alter table %s rename column %s to %s"
                    .formatted(table.sql(), other.sql(), column.sql()),
                "alter table %s rename column aside to %s".formatted(table.sql(), other.sql())));
      }
      case TYPE -> step(kind, table, alter + type(column));
      case NOT_NULL ->
          step(
              kind,
              table,
              alter
                  + "alter column %s %s not null"
                      .formatted(column.sql(), column.required() ? "drop" : "set"));
      default ->
          step(
              kind,
              table,
              alter
                  + "alter column %s set default %s"
                      .formatted(column.sql(), values.of(column.type())));
    };
  }

  private static String rename(Table table, Column column, String name) {
    return "alter table %s rename column %s to %s"
        .formatted(table.sql(), column.sql(), Side.quoted(name));
  }

  private String type(Column column) {
    String change = "alter column " + column.sql() + " type ";
    return change
        + switch (column.type()) {
          case "integer" ->
              random.nextBoolean() ? "bigint" : "bigint using " + column.sql() + " * 2";
          case "bigint" -> "numeric";
          case "character varying(20)" -> random.nextBoolean() ? "varchar(40)" : "text";
          case "numeric(10,2)" -> "numeric(12,2)";
          case "numeric" -> "numeric(30,3)";
          case "text" -> random.nextBoolean() ? "varchar" : "varchar(4000)";
          case "json" -> "jsonb";
          case "timestamp without time zone" -> "timestamptz";
          default -> "text";
        };
  }

  private static String otherSchema(Table table) {
    return table.schema().equals("public") ? Side.quoted(OTHER_SCHEMA) : "public";
  }

  private String exchange(Table table, List<Table> tables) {
    Table other = tables.get(random.nextInt(tables.size()));
    String rename = "alter table %s rename to %s";
    String schema = Side.quoted(table.schema()) + ".";
    return String.join(
        "; ",
        rename.formatted(table.sql(), "aside"),
        rename.formatted(other.sql(), Side.quoted(table.name())),
        rename.formatted(schema + "aside", Side.quoted(other.name())));
  }

  private String key(Table table, String alter) {
    List<Column> columns = table.written();
    if (table.key().isEmpty() || columns.isEmpty()) {
      return alter
          + "add column "
          + Side.quoted(name("Key"))
          + " int generated always as identity primary key";
    }
    Column column = columns.get(random.nextInt(columns.size()));
    return "do $$ begin execute (select 'alter table %1$s drop constraint ' || quote_ident(conname) from pg_constraint where conrelid = %2$d and contype = 'p'); end $$; %3$s add primary key (%4$s)"
        .formatted(
            table.sql().replace("'", "''"),
            table.oid(),
            alter,
            column.sql() + others(table, column));
  }

  private String others(Table table, Column but) {
    List<Column> more =
        table.key().stream().filter(column -> !column.name().equals(but.name())).toList();
    return more.isEmpty() || (random.nextBoolean() && !table.isPartitioned())
        ? ""
        : ", " + more.get(0).sql();
  }

  private String identity(Table table, String alter) {
    return switch (random.nextInt(3)) {
      case 0 -> alter + "replica identity full";
      case 1 -> alter + "replica identity default";
      default -> {
        Column column = any(table);
        String index = Side.quoted("identity " + ++number);
        yield "create unique index %s on %s (%s); %s alter column %s set not null; %s replica identity using index %s"
            .formatted(index, table.sql(), column.sql(), alter, column.sql(), alter, index);
      }
    };
  }

  private String unique(Table table) {
    return "add unique (" + any(table).sql() + ")" + (random.nextBoolean() ? " deferrable" : "");
  }

  private String partition(Table table) {
    return "do $$ declare p regclass; begin"
        + " select inhrelid into strict p from pg_inherits where inhparent = %d order by random() limit 1;"
            .formatted(table.oid())
        + " execute 'alter table %s detach partition ' || p;"
            .formatted(table.sql().replace("'", "''"))
        + " execute 'drop table ' || p; end $$;"
        + "create table %s partition of %s default"
            .formatted(Side.quoted("part " + ++number), table.sql());
  }

  private String truncate(Table table, List<Table> tables) {
    String all = table.sql();
    if (random.nextInt(3) == 0) {
      all += ", " + tables.get(random.nextInt(tables.size())).sql();
    }
    return "truncate "
        + all
        + (random.nextBoolean() ? " restart identity" : "")
        + (random.nextBoolean() ? " cascade" : "");
  }
}
