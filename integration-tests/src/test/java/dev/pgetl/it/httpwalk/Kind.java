package dev.pgetl.it.httpwalk;

import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A type of column: its hard values, and what they are in JSON by docs/http-destination.md. */
enum Kind {
  TEXT("text", "%s"),
  JSON("json", "%s::text"),
  JSONB("jsonb", "%s::text"),
  CHAR("\"char\"", "%s::int"),
  BIGINT("bigint", "%s"),
  NUMERIC("numeric", "%s"),
  TEXTS("text[]", "to_json(%s)::text");

  private static final BigInteger SAFE = BigInteger.ONE.shiftLeft(53).subtract(BigInteger.ONE);

  private final String type;
  private final String read;

  Kind(String type, String read) {
    this.type = type;
    this.read = read;
  }

  String type() {
    return type;
  }

  /** {@return an expression for the text that {@link #json} takes} */
  String read(String column) {
    return read.formatted(column);
  }

  /** {@return an SQL literal} */
  String literal(RandomGenerator random) {
    if (random.nextInt(12) == 0) {
      return "null";
    }
    return switch (this) {
      case TEXT -> quoted(HardTexts.text(random));
      case JSON -> quoted(HardTexts.document(random));
      case JSONB -> quoted(HardTexts.document(random)) + "::jsonb";
      case CHAR -> "(" + (random.nextInt(256) - 128) + ")::\"char\"";
      case BIGINT -> bigint(random);
      case NUMERIC -> numeric(random);
      case TEXTS ->
          "array[%s, null, %s]::text[]"
              .formatted(quoted(HardTexts.text(random)), quoted(HardTexts.text(random)));
    };
  }

  static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static String bigint(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> String.valueOf(random.nextInt(100));
      case 1 -> SAFE.add(BigInteger.valueOf(random.nextInt(3) - 1)).toString();
      case 2 -> SAFE.negate().add(BigInteger.valueOf(random.nextInt(3) - 1)).toString();
      default -> Canaries.DIGITS + "%09d".formatted(random.nextInt(1_000_000_000));
    };
  }

  private static String numeric(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> "'NaN'";
      case 1 -> "0." + "0".repeat(random.nextInt(30)) + "10";
      default ->
          Canaries.DIGITS + "%09d.%d0".formatted(random.nextInt(1_000_000), random.nextInt(99));
    };
  }

  /**
   * {@return the value as JSON}
   *
   * @param text what the source has, as {@link #read} reads it
   * @param exact whether all numbers are numbers
   */
  String json(@Nullable String text, boolean exact) {
    if (text == null) {
      return "null";
    }
    return switch (this) {
      case TEXT -> string(text);
      case JSON, JSONB, TEXTS -> StrictJson.parse(text).toString();
      case CHAR -> string(character(Integer.parseInt(text)));
      case BIGINT -> exact || new BigInteger(text).abs().compareTo(SAFE) <= 0 ? text : string(text);
      case NUMERIC ->
          exact && !text.equals("NaN") ? StrictJson.parse(text).toString() : string(text);
    };
  }

  private static String character(int code) {
    if (code == 0) {
      return "";
    }
    return code < 0 ? "\\" + Integer.toOctalString(code & 0xFF) : String.valueOf((char) code);
  }

  static String string(String text) {
    return new TextNode(text).toString();
  }
}
