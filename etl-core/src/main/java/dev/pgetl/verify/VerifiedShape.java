package dev.pgetl.verify;

import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Objects;

/**
 * What of a table is compared. Immutable.
 *
 * @param version the published columns, in the order in which they are hashed
 * @param key the names of the columns by which rows are told apart, none of them nullable; empty if
 *     the table has no such columns, and rows are compared as a multiset
 * @param condition a condition on rows, as SQL that holds on both sides; empty for all rows
 * @param encoding the encoding of the source's database, as Postgres names it
 */
public record VerifiedShape(
    TableSchema version, List<String> key, String condition, String encoding) {
  public VerifiedShape {
    Objects.requireNonNull(version, "version");
    key = List.copyOf(key);
    Objects.requireNonNull(condition, "condition");
    Objects.requireNonNull(encoding, "encoding");
  }
}
