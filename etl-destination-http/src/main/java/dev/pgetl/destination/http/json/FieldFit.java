package dev.pgetl.destination.http.json;

import dev.pgetl.schema.PgType;

/**
 * Whether text can be of a type. A composite type may have been altered since it was described; a
 * value that cannot be of its field's type shows that the fields are others. Stateless.
 */
final class FieldFit {
  private static final int UUID_LENGTH = 36;

  private FieldFit() {}

  /** {@return false if Postgres prints no value of the type like this} */
  static boolean of(PgType type, Span text) {
    PgType base = type.baseType();
    return switch (base.kind()) {
      case ARRAY -> text.startsWith("{") || text.startsWith("[");
      case COMPOSITE -> text.startsWith("(");
      case RANGE -> text.startsWith("[") || text.startsWith("(") || text.is("empty");
      case MULTIRANGE -> text.startsWith("{");
      case BASE -> ofBase(base, text);
      case DOMAIN, ENUM, UNKNOWN -> true;
    };
  }

  private static boolean ofBase(PgType type, Span text) {
    if (!type.schema().equals("pg_catalog")) {
      return true;
    }
    return switch (type.name()) {
      case "bool" -> text.is("t") || text.is("f");
      case "int2", "int4", "int8", "oid", "xid", "cid", "xid8" -> CellJson.isJsonNumber(text);
      case "float4", "float8", "numeric" -> CellJson.isJsonNumber(text) || isNoFiniteNumber(text);
      case "bytea" -> text.startsWith("\\x");
      case "json", "jsonb" -> CellJson.isDocument(text);
      case "uuid" -> text.length() == UUID_LENGTH && text.at(8) == '-';
      case "date", "time", "timetz", "timestamp", "timestamptz", "interval" ->
          beginsLikeATime(text);
      default -> true;
    };
  }

  private static boolean isNoFiniteNumber(Span text) {
    return text.is("NaN") || isInfinite(text, "Infinity");
  }

  private static boolean isInfinite(Span text, String infinity) {
    return text.is(infinity) || text.is("-" + infinity);
  }

  private static boolean beginsLikeATime(Span text) {
    if (text.isEmpty()) {
      return false;
    }
    boolean digit = text.at(0) >= '0' && text.at(0) <= '9';
    return digit || isInfinite(text, "infinity") || text.startsWith("-");
  }
}
