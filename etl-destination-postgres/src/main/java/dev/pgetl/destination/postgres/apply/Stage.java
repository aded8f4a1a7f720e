package dev.pgetl.destination.postgres.apply;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.table.TargetTable;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A temporary table of texts. It serves every table of the destination with as many values to a
 * row, so a session creates few of them.
 *
 * @param width how many values a row has
 * @param group which of its rows are meant
 */
record Stage(int width, int group) {
  private String name() {
    return "pgetl_stage_" + width;
  }

  void create(Session session) throws SQLException {
    if (session.lacks(name())) {
      String columns =
          IntStream.rangeClosed(1, width)
              .mapToObj(i -> "c" + i + " text")
              .collect(Collectors.joining(", "));
      session.run(
          "create temporary table if not exists %s (g int, %s) on commit delete rows"
              .formatted(name(), columns));
    }
  }

  String into() {
    return "pg_temp." + name();
  }

  String delete(TargetTable table) {
    return "delete from %s t using %s s where s.g = %d and %s"
        .formatted(table.name().quoted(), into(), group, key(table));
  }

  String update(TargetTable table, List<Integer> changed) {
    int first = table.key().size() + 1;
    String values =
        IntStream.range(0, changed.size())
            .mapToObj(
                i ->
                    table.quoted(changed.get(i))
                        + " = "
                        + table.cast("s.c" + (first + i), changed.get(i)))
            .collect(Collectors.joining(", "));
    return "update %s t set %s from %s s where s.g = %d and %s"
        .formatted(table.name().quoted(), values, into(), group, key(table));
  }

  private static String key(TargetTable table) {
    return IntStream.range(0, table.key().size())
        .mapToObj(
            i ->
                "t."
                    + table.quoted(table.key().get(i))
                    + " = "
                    + table.stored("s.c" + (i + 1), table.key().get(i)))
        .collect(Collectors.joining(" and "));
  }
}
