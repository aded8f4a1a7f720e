package dev.pgetl.internal.capture.facts;

import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Field;
import dev.pgetl.schema.PgType.Kind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads types of the database, with all they are made of, in one query. Stateless. */
public final class TypeReader {
  /** Types do not contain themselves; this only guards against a catalogue that says so. */
  private static final int DEEPEST = 32;

  /** What a type {@code t} is made of, beside its fields. */
  private static final String INNER =
      """
      CASE t.typtype
        WHEN 'd' THEN t.typbasetype
        WHEN 'r' THEN (SELECT rngsubtype FROM pg_range WHERE rngtypid = t.oid)
        WHEN 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid)
        ELSE CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc THEN t.typelem ELSE 0::oid END
      END""";

  /** A field that was dropped leaves its row, which says when. */
  private static final String TYPES =
      """
      WITH RECURSIVE used(oid) AS (
        SELECT unnest(string_to_array(?, ',')::oid[])
        UNION SELECT part.oid FROM used CROSS JOIN LATERAL (
          SELECT %1$s AS oid FROM pg_type t WHERE t.oid = used.oid
          UNION ALL SELECT a.atttypid FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid
            WHERE t.oid = used.oid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
          OFFSET 0) part WHERE part.oid <> 0)
      SELECT t.* FROM used CROSS JOIN LATERAL (
        SELECT t.oid, n.nspname, t.typname, t.typtype, t.typdelim, %1$s, field.names, field.types,
          array_to_string(t.xmin || field.writers, ',')
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        CROSS JOIN LATERAL (
          SELECT coalesce(array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE NOT a.attisdropped), '{}') AS names,
            coalesce(string_agg(a.atttypid::text, ',' ORDER BY a.attnum) FILTER (WHERE NOT a.attisdropped), '') AS types,
            array_agg(a.xmin) AS writers
          FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0) field
        WHERE t.oid = used.oid OFFSET 0) t"""
          .formatted(INNER);

  /** One row of {@link #TYPES}. */
  private record Row(
      PgType plain,
      long inner,
      List<String> fieldNames,
      List<Long> fieldTypes,
      List<Long> writers) {
    static Row read(ResultSet row) throws SQLException {
      long inner = row.getLong(6);
      return new Row(
          new PgType(
              row.getLong(1),
              row.getString(2),
              row.getString(3),
              kind(row.getString(4).charAt(0), inner),
              null,
              row.getString(5).charAt(0),
              List.of()),
          inner,
          List.of((String[]) row.getArray(7).getArray()),
          numbers(row.getString(8)),
          numbers(row.getString(9)));
    }

    private static List<Long> numbers(String list) {
      return list.isEmpty()
          ? List.of()
          : List.of(list.split(",")).stream().map(Long::valueOf).toList();
    }

    private static Kind kind(char type, long inner) {
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

  private final Moment read;
  private final Map<Long, Row> rows;

  private TypeReader(Moment read, List<Row> rows) {
    this.read = read;
    this.rows = rows.stream().collect(Collectors.toMap(row -> row.plain().oid(), row -> row));
  }

  /**
   * {@return types by OID, without those that are built in or gone} Sends no query if all are built
   * in.
   *
   * @param connection where to ask
   * @param read when the catalogue is read
   * @param oids which types
   * @throws SQLException if the query fails
   */
  public static Map<Long, Dated<PgType>> types(
      Connection connection, Moment read, Collection<Long> oids) throws SQLException {
    String wanted =
        oids.stream()
            .filter(oid -> BuiltinTypes.find(oid).isEmpty())
            .distinct()
            .map(oid -> Long.toString(oid))
            .collect(Collectors.joining(","));
    Map<Long, Dated<PgType>> found = new HashMap<>();
    if (!wanted.isEmpty()) {
      TypeReader reader = new TypeReader(read, Sql.list(connection, TYPES, Row::read, wanted));
      for (long oid : oids) {
        if (reader.rows.containsKey(oid)) {
          found.put(oid, reader.type(oid, 0));
        }
      }
    }
    return found;
  }

  private Dated<PgType> type(long oid, int depth) {
    PgType builtin = BuiltinTypes.find(oid).orElse(null);
    Row row = rows.get(oid);
    if (builtin != null || row == null || depth > DEEPEST) {
      return new Dated<>(builtin == null ? PgType.unknown(oid) : builtin, Dated.ALWAYS);
    }
    long newest = row.writers().stream().reduce(Dated.ALWAYS, read::later);
    Dated<PgType> inner = row.inner() == 0 ? null : type(row.inner(), depth + 1);
    if (inner != null) {
      newest = read.later(newest, inner.writtenBy());
    }
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < row.fieldNames().size(); i++) {
      Dated<PgType> field = type(row.fieldTypes().get(i), depth + 1);
      fields.add(new Field(row.fieldNames().get(i), field.value()));
      newest = read.later(newest, field.writtenBy());
    }
    PgType plain = row.plain();
    return new Dated<>(
        new PgType(
            oid,
            plain.schema(),
            plain.name(),
            plain.kind(),
            inner == null ? null : inner.value(),
            plain.delimiter(),
            fields),
        newest);
  }
}
