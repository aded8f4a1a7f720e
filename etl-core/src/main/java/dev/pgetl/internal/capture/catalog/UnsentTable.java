package dev.pgetl.internal.capture.catalog;

import dev.pgetl.schema.TableName;

/**
 * A table that a publication may name, and whose changes the server never sends: what it holds is
 * not in the WAL.
 *
 * @param name its qualified name
 * @param foreign whether it is a foreign table; otherwise it is unlogged
 */
public record UnsentTable(TableName name, boolean foreign) {
  /** A condition on {@code pg_class}, under the name {@code c}. */
  public static final String CONDITION = "(c.relkind = 'f' OR c.relpersistence <> 'p')";

  /** {@return what it is and what follows, as part of a sentence} */
  public String problem() {
    return name
        + " is "
        + (foreign ? "a foreign" : "an unlogged")
        + " table: the server sends none of its changes";
  }

  /** {@return what to do} */
  public String fix() {
    return foreign
        ? "Keep it out of the publication"
        : "ALTER TABLE "
            + name.quoted()
            + " SET LOGGED and resync the table, or keep it out of the publication";
  }
}
