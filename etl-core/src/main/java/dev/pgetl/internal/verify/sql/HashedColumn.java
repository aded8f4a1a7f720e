package dev.pgetl.internal.verify.sql;

import dev.pgetl.schema.TableName;
import java.util.Set;

/**
 * A column that is hashed.
 *
 * @param name its name
 * @param type its type in SQL, without length or precision, to compare keys in it
 * @param fullType its type in SQL
 * @param shownAs the type whose text counts; empty for its own
 * @param nullable whether it may have nulls, also as a column of the key
 */
public record HashedColumn(
    String name, String type, String fullType, String shownAs, boolean nullable) {
  /** Types whose values have a text. */
  private static final Set<String> NEVER_EMPTY =
      Set.of(
          "smallint",
          "integer",
          "bigint",
          "oid",
          "numeric",
          "real",
          "double precision",
          "boolean",
          "uuid",
          "bytea",
          "date",
          "time without time zone",
          "timestamp without time zone",
          "timestamp with time zone");

  /** The output function of a type, not its cast to text: they differ for some types. */
  String shown() {
    return shownAs.isEmpty()
        ? quoted()
        : "CAST(CASE WHEN pg_catalog.num_nulls(%1$s) = 0 THEN pg_catalog.format('%%s', %1$s) END AS %2$s)"
            .formatted(quoted(), shownAs);
  }

  /** {@return the text of a key as one that can be cast: that of a null is empty} */
  String given(String text) {
    return NEVER_EMPTY.contains(type) ? "NULLIF(" + text + ", '')" : text;
  }

  String quoted() {
    return "t." + TableName.quote(name);
  }
}
