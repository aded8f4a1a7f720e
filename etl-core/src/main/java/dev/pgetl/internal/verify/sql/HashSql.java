package dev.pgetl.internal.verify.sql;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.verify.RowPart;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The queries that hash rows of a table: order of rows, collation and settings of the database do
 * not matter. Immutable.
 *
 * <p>Literals are part of the text, and a query has no parameters: it needs {@code
 * standard_conforming_strings}, and a statement that does not look for question marks.
 *
 * @param from the table, in SQL, to which {@code AS t} can be appended
 * @param columns the columns that are hashed
 * @param key those of the key; empty without one
 * @param conditions conditions on rows of {@code t}
 */
public record HashSql(
    String from, List<HashedColumn> columns, List<HashedColumn> key, List<String> conditions) {
  /** A function takes at most 100 arguments. */
  private static final int ARGUMENTS = 90;

  public HashSql {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
    conditions = List.copyOf(conditions);
  }

  /** {@return the query for the groups of a part: group, count, sum} */
  public String groups(RowPart part) {
    String group = part.groups() == 1 ? "0" : group(part.groups());
    return "SELECT g, pg_catalog.count(*), pg_catalog.sum(h)::text FROM (SELECT "
        + group
        + " AS g, "
        + rowHash()
        + " AS h FROM "
        + table()
        + where(inPart(part))
        + ") r GROUP BY g";
  }

  /** {@return the query for the keys of a part: key, count, sum, version, untouched} */
  public String keys(RowPart part) {
    return byKey(table() + where(inPart(part)));
  }

  /** {@return the query for some keys} */
  public String keys(List<List<String>> some) {
    if (key.isEmpty()) {
      String hashes = some.stream().map(each -> each.get(0)).collect(Collectors.joining(", "));
      return byKey(table() + where(List.of(rowHash() + " IN (" + hashes + ")")));
    }
    return byKey(
        table() + " JOIN (SELECT " + unnested(some) + ") w ON " + joined() + where(List.of()));
  }

  private String unnested(List<List<String>> some) {
    return IntStream.range(0, key.size())
        .mapToObj(
            i ->
                "pg_catalog.unnest("
                    + literal(array(some.stream().map(each -> each.get(i)).toList()))
                    + "::text[]) AS pgetl_k"
                    + i)
        .collect(Collectors.joining(", "));
  }

  private String joined() {
    return IntStream.range(0, key.size())
        .mapToObj(i -> joined(key.get(i), "w.pgetl_k" + i))
        .collect(Collectors.joining(" AND "));
  }

  /** A text of another type, or the empty one of a null, may be none of this type. */
  private static String joined(HashedColumn column, String text) {
    return column.shownAs().isEmpty() && !column.nullable()
        ? column.quoted() + " = CAST(" + column.given(text) + " AS " + column.type() + ")"
        : "pg_catalog.format('%s', " + column.shown() + ") = " + text;
  }

  private String byKey(String source) {
    return "SELECT k, pg_catalog.count(*), pg_catalog.sum(h)::text, pg_catalog.sum(v)::text,"
        + " pg_catalog.bool_and(u) FROM (SELECT "
        + keyText()
        + " AS k, "
        + rowHash()
        + " AS h, pg_catalog.hashtextextended(t.xmin::text, 0) AS v, "
        + untouched()
        + " AS u FROM "
        + source
        + ") r GROUP BY k";
  }

  /** Of a key that is not unique, another row may be on its way and touches none. */
  private String untouched() {
    return key.isEmpty() ? "false" : "t.xmax::text = '0'";
  }

  /** {@return an array of texts} */
  private String keyText() {
    return key.isEmpty()
        ? "ARRAY[(" + rowHash() + ")::text]"
        : key.stream()
            .map(column -> "pg_catalog.format('%s', " + column.shown() + ")")
            .collect(Collectors.joining(", ", "ARRAY[", "]"));
  }

  private String rowHash() {
    return hash(columns, 0);
  }

  private String group(int groups) {
    return "(" + hash(key.isEmpty() ? columns : key, 1) + " & " + (groups - 1) + ")::int";
  }

  private static String hash(List<HashedColumn> columns, int seed) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < columns.size(); i += ARGUMENTS) {
      List<HashedColumn> some = columns.subList(i, Math.min(columns.size(), i + ARGUMENTS));
      parts.add(
          some.stream()
                  .map(column -> "%L")
                  .collect(Collectors.joining(",", "pg_catalog.format('", "', "))
              + some.stream().map(HashedColumn::shown).collect(Collectors.joining(", "))
              + ")");
    }
    String text = parts.isEmpty() ? "''" : String.join(" || ',' || ", parts);
    return "pg_catalog.hashtextextended((" + text + ") COLLATE pg_catalog.\"C\", " + seed + ")";
  }

  private String table() {
    return from + " AS t";
  }

  private String where(List<String> more) {
    List<String> all = new ArrayList<>(conditions);
    all.addAll(more);
    return all.isEmpty() ? "" : " WHERE " + String.join(" AND ", all);
  }

  private List<String> inPart(RowPart part) {
    List<String> in = new ArrayList<>();
    KeyRange range = part.range();
    if (range != null) {
      bound(in, range, ">=", range.from());
      bound(in, range, "<", range.to());
    }
    if (!part.chosen().isEmpty()) {
      in.add(
          group(part.groups())
              + part.chosen().stream()
                  .map(String::valueOf)
                  .collect(Collectors.joining(",", " = ANY ('{", "}'::int[])")));
    }
    return in;
  }

  private void bound(List<String> in, KeyRange range, String how, @Nullable String bound) {
    if (bound != null) {
      HashedColumn column =
          key.stream().filter(each -> each.name().equals(range.column())).findFirst().orElseThrow();
      String condition =
          column.quoted() + " " + how + " CAST(" + literal(bound) + " AS " + column.type() + ")";
      boolean withNulls = column.nullable() && range.to() == null;
      in.add(withNulls ? "(" + condition + " OR " + column.quoted() + " IS NULL)" : condition);
    }
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static String array(List<String> elements) {
    return elements.stream()
        .map(text -> '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
        .collect(Collectors.joining(",", "{", "}"));
  }
}
