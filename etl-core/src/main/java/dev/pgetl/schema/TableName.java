package dev.pgetl.schema;

import java.util.Objects;

/**
 * Qualified name of a table, as in the catalogue: not quoted, not folded.
 *
 * @param schema the schema's name
 * @param name the table's name
 */
public record TableName(String schema, String name) {

  public TableName {
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(name, "name");
  }

  /** {@return the name for use in SQL, both parts quoted} */
  public String quoted() {
    return quote(schema) + "." + quote(name);
  }

  /**
   * {@return an identifier in double quotes, quotes inside doubled}
   *
   * @param identifier any identifier
   */
  public static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  @Override
  public String toString() {
    return schema + "." + name;
  }
}
