package dev.pgetl.destination.postgres.copy;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.table.TargetTable;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The removal of rows whose key lies in a range. */
final class RangeRemoval {
  /** The types of ranges by their OID, as the destination calls them. */
  private static final Map<Long, String> TYPES =
      Map.ofEntries(
          Map.entry(21L, "smallint"),
          Map.entry(23L, "integer"),
          Map.entry(20L, "bigint"),
          Map.entry(26L, "oid"),
          Map.entry(1700L, "numeric"),
          Map.entry(2950L, "uuid"),
          Map.entry(17L, "bytea"),
          Map.entry(25L, "text"),
          Map.entry(1043L, "character varying"),
          Map.entry(1082L, "date"),
          Map.entry(1083L, "time without time zone"),
          Map.entry(1114L, "timestamp without time zone"),
          Map.entry(1184L, "timestamp with time zone"));

  private static final Set<String> TEXTS = Set.of("text", "character varying");

  private RangeRemoval() {}

  /** {@return false if the destination has another order than the source} */
  static boolean run(Session session, TargetTable table, KeyRange range) throws SQLException {
    TableSchema version = table.version();
    int place = version.indexOf(range.column());
    if (place < 0 || !sameOrder(session, table, place)) {
      return false;
    }
    boolean text = TEXTS.contains(table.columns().get(place).type());
    String column = table.quoted(place) + (text ? " collate \"C\"" : "");
    List<String> conditions = new ArrayList<>();
    List<String> bounds = new ArrayList<>();
    if (range.from() != null) {
      String above = column + " >= " + table.cast("?", place);
      conditions.add(range.to() == null ? "(" + above + " or " + column + " is null)" : above);
      bounds.add(range.from());
    }
    if (range.to() != null) {
      conditions.add(column + " < " + table.cast("?", place));
      bounds.add(range.to());
    }
    String where = conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    session.doing(version, "remove a range from " + table.name());
    int unused = session.run("delete from " + table.name().quoted() + where, bounds.toArray());
    return true;
  }

  /** Bytes of texts have the order of code points in UTF-8. */
  private static boolean sameOrder(Session session, TargetTable table, int place)
      throws SQLException {
    String type = table.columns().get(place).type();
    long source = table.version().column(place).type().baseType().oid();
    return type.equals(TYPES.get(source))
        && (!TEXTS.contains(type)
            || session
                .one(row -> row.getString(1), "show server_encoding")
                .filter("UTF8"::equals)
                .isPresent());
  }
}
