package dev.pgetl.internal.row;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Field;
import dev.pgetl.schema.PgType.Kind;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The types of {@code types.jsonl}, and tables of them. */
public final class SampleTypes {
  private static final Map<String, String> SQL_NAMES =
      Map.of("character", "bpchar", "char", "bpchar", "bit varying", "varbit", "\"char\"", "char");

  static final PgType CITEXT = extension(20_001, "citext");
  static final PgType HSTORE = extension(20_002, "hstore");
  static final PgType MOOD = user(20_003, "mood", Kind.ENUM, null);
  static final PgType POSINT = user(20_004, "posint", Kind.DOMAIN, builtin("int4"));
  static final PgType EMAIL = user(20_005, "email", Kind.DOMAIN, CITEXT);
  static final PgType POSINT_ARRAY = user(20_006, "posint_arr_dom", Kind.DOMAIN, builtin("_int4"));
  static final PgType FLOATRANGE = user(20_007, "floatrange", Kind.RANGE, builtin("float8"));
  static final PgType ADDR =
      composite(
          20_008,
          "addr",
          new Field("street", builtin("text")),
          new Field("unit", builtin("text")),
          new Field("zip", builtin("int4")));
  static final PgType ADDR_NESTED =
      composite(20_009, "addr_nested", new Field("a", ADDR), new Field("ns", builtin("_int4")));

  private static final List<PgType> OF_THE_USER =
      List.of(
          CITEXT,
          HSTORE,
          MOOD,
          POSINT,
          EMAIL,
          POSINT_ARRAY,
          FLOATRANGE,
          ADDR,
          ADDR_NESTED,
          extension(20_010, "ltree"),
          extension(20_011, "lquery"),
          extension(20_012, "cube"),
          extension(20_013, "seg"),
          extension(20_014, "isbn"));

  private SampleTypes() {}

  /** {@return a type by its name in SQL: {@code numeric(10,4)}, {@code int4[]}, {@code mood}} */
  public static PgType of(String sql) {
    if (sql.endsWith("[]")) {
      return arrayOf(of(sql.substring(0, sql.length() - 2)));
    }
    String bare = sql.replaceFirst("\\(.*\\)", "").replaceFirst("^interval .*", "interval");
    String name = SQL_NAMES.getOrDefault(bare, bare);
    return OF_THE_USER.stream()
        .filter(type -> type.name().equals(name))
        .findFirst()
        .orElseGet(() -> BuiltinTypes.named(name));
  }

  private static PgType arrayOf(PgType element) {
    return element.schema().equals("pg_catalog")
        ? BuiltinTypes.named("_" + element.name())
        : element.arrayOf(element.oid() + 1_000);
  }

  static PgType builtin(String name) {
    return BuiltinTypes.named(name);
  }

  static PgType extension(long oid, String name) {
    return user(oid, name, Kind.BASE, null);
  }

  static PgType user(long oid, String name, Kind kind, @Nullable PgType inner) {
    return new PgType(oid, "public", name, kind, inner, ',', List.of());
  }

  static PgType composite(long oid, String name, Field... fields) {
    return new PgType(oid, "public", name, Kind.COMPOSITE, null, ',', List.of(fields));
  }

  /** {@return a table {@code public.samples} with the columns {@code c0}, {@code c1} …} */
  public static TableSchema table(PgType... types) {
    ColumnSchema[] columns = new ColumnSchema[types.length];
    Arrays.setAll(columns, i -> ColumnSchema.of("c" + i, types[i]));
    return TableSchema.builder(new TableId(4_711), new TableName("public", "samples"))
        .snapshotLsn(new Lsn(1))
        .columns(List.of(columns))
        .build();
  }

  /** {@return a row of one column, as it comes from the wire, with other bytes around the text} */
  public static TableRow row(PgType type, String text) {
    return row(type, text.getBytes(StandardCharsets.UTF_8));
  }

  public static TableRow row(PgType type, byte[] text) {
    byte[] message = new byte[text.length + 14];
    Arrays.fill(message, (byte) '7');
    System.arraycopy(text, 0, message, 7, text.length);
    return WireRow.of(table(type), message, new int[] {7, text.length});
  }
}
