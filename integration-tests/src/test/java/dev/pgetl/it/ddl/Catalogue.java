package dev.pgetl.it.ddl;

import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The published tables of the source, as its catalogue shows them. */
final class Catalogue {
  private static final String TABLES =
      """
      select c.oid, n.nspname, c.relname, c.relkind
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relispartition
        and n.nspname in ('public', 'Other "place"')
      order by c.oid
      """;
  private static final String COLUMNS =
      """
      select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated <> '',
        exists (select 1 from pg_index i
          where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)),
        exists (select 1 from pg_partitioned_table p
          where p.partrelid = a.attrelid and a.attnum = any (p.partattrs))
      from pg_attribute a where a.attrelid = %s and a.attnum > 0 and not a.attisdropped
      order by a.attnum
      """;

  private final Side source;

  Catalogue(Side source) {
    this.source = source;
  }

  /** A column. */
  record Column(
      String name, String type, boolean required, boolean generated, boolean key, boolean divides) {
    String sql() {
      return Side.quoted(name);
    }
  }

  /** A table. */
  record Table(long oid, String schema, String name, boolean isPartitioned, List<Column> columns) {
    String sql() {
      return Side.quoted(schema) + "." + Side.quoted(name);
    }

    List<Column> written() {
      return columns.stream().filter(column -> !column.generated()).toList();
    }

    List<Column> free() {
      return written().stream().filter(column -> !column.key() && !column.divides()).toList();
    }

    List<Column> key() {
      return columns.stream().filter(Column::key).toList();
    }

    boolean has(String column) {
      return columns.stream().anyMatch(known -> known.name().equals(column));
    }

    String texts() {
      return written().stream()
          .map(column -> column.sql() + "::text")
          .collect(Collectors.joining(", "));
    }
  }

  List<Table> tables() throws SQLException {
    List<Table> tables = new java.util.ArrayList<>();
    for (List<@Nullable String> row : source.query(TABLES)) {
      long oid = Long.parseLong(text(row, 0));
      tables.add(
          new Table(oid, text(row, 1), text(row, 2), text(row, 3).equals("p"), columns(oid)));
    }
    return tables;
  }

  private List<Column> columns(long oid) throws SQLException {
    return source.query(COLUMNS.formatted(oid)).stream()
        .map(
            row ->
                new Column(
                    text(row, 0),
                    text(row, 1),
                    text(row, 2).equals("t"),
                    text(row, 3).equals("t"),
                    text(row, 4).equals("t"),
                    text(row, 5).equals("t")))
        .toList();
  }

  private static String text(List<@Nullable String> row, int column) {
    return Objects.requireNonNull(row.get(column));
  }
}
