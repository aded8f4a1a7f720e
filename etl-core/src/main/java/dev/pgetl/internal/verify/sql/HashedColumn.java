package dev.pgetl.internal.verify.sql;

import dev.pgetl.schema.TableName;

/**
 * A column that is hashed.
 *
 * @param name its name
 * @param type its type in SQL, without length or precision, to compare keys in it
 * @param fullType its type in SQL
 * @param shownAs the type whose text counts; empty for its own
 */
public record HashedColumn(String name, String type, String fullType, String shownAs) {
  /** The output function of a type, not its cast to text: they differ for some types. */
  String shown() {
    return shownAs.isEmpty()
        ? quoted()
        : "CAST(CASE WHEN pg_catalog.num_nulls(%1$s) = 0 THEN pg_catalog.format('%%s', %1$s) END AS %2$s)"
            .formatted(quoted(), shownAs);
  }

  String quoted() {
    return "t." + TableName.quote(name);
  }
}
