package dev.pgetl.internal.capture.catalog;

import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Field;
import dev.pgetl.schema.PgType.Kind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The types of the database, by OID. Remembers what cannot change under an OID: everything but
 * composite types, which gain and lose fields, and types the catalogue does not hold.
 *
 * <p>Thread-safe.
 */
public final class TypeCatalog {
  /** Types do not contain themselves; this only guards against a catalogue that says so. */
  private static final int DEEPEST = 32;

  private static final String TYPE =
      """
      SELECT n.nspname, t.typname, t.typtype, t.typdelim, t.typrelid,
        CASE t.typtype
          WHEN 'd' THEN t.typbasetype
          WHEN 'r' THEN (SELECT rngsubtype FROM pg_range WHERE rngtypid = t.oid)
          WHEN 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid)
          ELSE CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc THEN t.typelem ELSE 0 END
        END
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.oid = ?::oid""";

  private static final String FIELDS =
      """
      SELECT attname, atttypid FROM pg_attribute
      WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum""";

  /** One row of {@link #TYPE}. */
  private record Row(
      String schema, String name, char type, char delimiter, long relation, long inner) {
    static Row read(ResultSet row) throws SQLException {
      return new Row(
          row.getString(1),
          row.getString(2),
          row.getString(3).charAt(0),
          row.getString(4).charAt(0),
          row.getLong(5),
          row.getLong(6));
    }

    Kind kind() {
      return switch (type) {
        case 'c' -> Kind.COMPOSITE;
        case 'd' -> Kind.DOMAIN;
        case 'e' -> Kind.ENUM;
        case 'r' -> Kind.RANGE;
        case 'm' -> Kind.MULTIRANGE;
        default -> inner == 0 ? Kind.BASE : Kind.ARRAY;
      };
    }
  }

  private final Map<Long, PgType> known = new ConcurrentHashMap<>();

  /** {@return the type, if it is built in or remembered} */
  Optional<PgType> known(long oid) {
    return BuiltinTypes.find(oid).or(() -> Optional.ofNullable(known.get(oid)));
  }

  /** {@return the type, {@link PgType#unknown} if there is none} */
  PgType find(Connection connection, long oid) throws SQLException {
    return find(connection, oid, 0);
  }

  private PgType find(Connection connection, long oid, int depth) throws SQLException {
    Optional<PgType> remembered = known(oid);
    if (remembered.isPresent()) {
      return remembered.get();
    }
    Row row = Sql.first(connection, TYPE, Row::read, oid).orElse(null);
    if (row == null || depth > DEEPEST) {
      return PgType.unknown(oid);
    }
    PgType inner = row.inner() == 0 ? null : find(connection, row.inner(), depth + 1);
    List<Field> fields =
        row.kind() == Kind.COMPOSITE ? fields(connection, row.relation(), depth) : List.of();
    PgType type =
        new PgType(oid, row.schema(), row.name(), row.kind(), inner, row.delimiter(), fields);
    if (neverChanges(type)) {
      known.put(oid, type);
    }
    return type;
  }

  private List<Field> fields(Connection connection, long relation, int depth) throws SQLException {
    record NamedOid(String name, long oid) {}
    List<Field> fields = new ArrayList<>();
    for (NamedOid field :
        Sql.list(
            connection, FIELDS, row -> new NamedOid(row.getString(1), row.getLong(2)), relation)) {
      fields.add(new Field(field.name(), find(connection, field.oid(), depth + 1)));
    }
    return fields;
  }

  private static boolean neverChanges(PgType type) {
    return switch (type.kind()) {
      case BASE, ENUM -> true;
      case COMPOSITE, UNKNOWN -> false;
      case ARRAY, DOMAIN, RANGE, MULTIRANGE -> type.inner() != null && neverChanges(type.inner());
    };
  }
}
