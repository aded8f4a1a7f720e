package dev.pgetl.destination.postgres.table;

import dev.pgetl.destination.postgres.UserTypes;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.sql.TextArray;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The types that columns of the source have in the destination. */
final class TargetTypes {
  /**
   * Types with a smaller OID are built in, and have the same one everywhere. Those of the
   * information schema and of catalogues get theirs when a version or a cluster is made.
   */
  private static final long FIRST_ASSIGNED_OID = 10_000;

  private static final int NO_MODIFIER = -1;

  private static final String NAMES =
      """
      select pg_catalog.format_type(coalesce(t.id, pg_catalog.to_regtype(t.name)::oid), t.modifier)
      from unnest(?::oid[], ?::text[], ?::int[]) with ordinality t (id, name, modifier, place)
      order by t.place
      """;

  private static final String UNKNOWN_BUILT_IN = "???";
  private static final String MISSING = "";

  private TargetTypes() {}

  /** {@return for each column its type in SQL} */
  static List<String> of(Session session, List<ColumnSchema> columns, UserTypes userTypes)
      throws SQLException {
    List<String> wanted =
        names(session, columns.stream().map(ColumnSchema::type).toList(), columns, userTypes);
    if (!wanted.contains(MISSING)) {
      return wanted;
    }
    List<PgType> bases = columns.stream().map(column -> column.type().baseType()).toList();
    List<String> instead = names(session, bases, List.of(), userTypes);
    List<String> types = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      String name = wanted.get(i).equals(MISSING) ? instead.get(i) : wanted.get(i);
      types.add(name.equals(MISSING) ? "text" : name);
    }
    return types;
  }

  private static List<String> names(
      Session session, List<PgType> types, List<ColumnSchema> columns, UserTypes userTypes)
      throws SQLException {
    List<@Nullable Long> ids = new ArrayList<>();
    List<@Nullable String> names = new ArrayList<>();
    List<Integer> modifiers = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      PgType type = types.get(i);
      boolean builtIn = type.oid() < FIRST_ASSIGNED_OID;
      boolean named = !builtIn && userTypes == UserTypes.IF_PRESENT && !type.name().isEmpty();
      ids.add(builtIn ? type.oid() : null);
      names.add(named ? new TableName(type.schema(), type.name()).quoted() : null);
      modifiers.add(columns.isEmpty() ? NO_MODIFIER : columns.get(i).modifier());
    }
    return session.all(
        row -> known(row.getString(1)),
        NAMES,
        TextArray.of(ids),
        TextArray.of(names),
        TextArray.of(modifiers));
  }

  /** An older server lacks types of a newer one. */
  private static String known(@Nullable String name) {
    return name == null || name.startsWith(UNKNOWN_BUILT_IN) ? MISSING : name;
  }
}
