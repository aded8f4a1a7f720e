package dev.pgetl.it.walk;

import java.util.List;
import java.util.random.RandomGenerator;

/** Random values of the types that a walk's columns have, as SQL. */
final class Values {
  private static final List<String> TEXTS =
      List.of(
          "''",
          "'a b'",
          "E'line\\nbreak'",
          "'O''Neil'",
          "'\u00fc\u00df\ud83d\ude00'",
          "'NULL'",
          "'\"{,}\"'",
          "E'\\\\x'");

  private Values() {}

  /**
   * {@return an expression}
   *
   * @param n makes values of keys different
   */
  static String expression(Source.Column column, long n, RandomGenerator random) {
    if (!column.notNull() && random.nextInt(8) == 0) {
      return "null";
    }
    String type = column.type();
    return switch (column.kind().charAt(0)) {
      case 'e' -> label(type, n);
      case 'c' -> composite(type, n);
      default ->
          type.endsWith("[]")
              ? "array[" + element(type, n, random) + "]::" + type
              : scalar(type, n, random) + "::" + type;
    };
  }

  private static String label(String type, long n) {
    return "(enum_range(null::%1$s))[1 + %2$d %% array_length(enum_range(null::%1$s), 1)]"
        .formatted(type, n);
  }

  private static String composite(String type, long n) {
    return """
        jsonb_populate_record(null::%1$s, (select jsonb_object_agg(attname, '%2$d'::text)
          from pg_attribute where attrelid = '%1$s'::regclass and attnum > 0 and not attisdropped))
        """
        .formatted(type, n);
  }

  private static String element(String type, long n, RandomGenerator random) {
    String element = type.substring(0, type.length() - 2);
    if (element.endsWith("mood")) {
      return label(element, n);
    }
    return scalar(element, n, random) + "::" + element + ", null";
  }

  private static String scalar(String type, long n, RandomGenerator random) {
    String base = type.replaceAll("\\(.*\\)", "");
    return switch (base) {
      case "smallint" -> "'" + n % 30_000 + "'";
      case "integer", "bigint" -> "'" + n + "'";
      case "numeric" -> random.nextInt(6) == 0 ? "'NaN'" : "'" + n + ".50'";
      case "double precision", "real" -> random.nextInt(6) == 0 ? "'-Infinity'" : "'" + n + ".25'";
      case "boolean" -> "'" + random.nextBoolean() + "'";
      case "uuid" -> "md5('" + n + "')";
      case "date" ->
          random.nextInt(6) == 0 ? "'0044-03-15 BC'" : "(date '2020-01-01' + " + n % 5_000 + ")";
      case "timestamp with time zone", "timestamp without time zone" ->
          random.nextInt(6) == 0
              ? "'infinity'"
              : "(timestamptz '2020-01-01 00:00:00Z' + interval '" + n + " s')";
      case "interval" -> "'" + n + " s'";
      case "money" -> "'" + n + ".12'";
      case "json", "jsonb" -> "'{\"n\": " + n + ", \"t\": \"x\"}'";
      case "bytea" -> "decode(md5('" + n + "'), 'hex')";
      default -> text(n, random);
    };
  }

  private static String text(long n, RandomGenerator random) {
    return random.nextInt(3) == 0 ? TEXTS.get(random.nextInt(TEXTS.size())) : "'text " + n + "'";
  }

  /** {@return a text that is stored out of line} */
  static String large(long n) {
    return "(select string_agg(md5('" + n + "' || i), '') from generate_series(1, 100) i)";
  }
}
