package dev.pgetl.destination.postgres;

/** What a destination does when a table of the source has changed. */
public enum SchemaChanges {
  /**
   * Adds columns, renames and drops them, renames tables, and widens types. A column is renamed or
   * dropped only if the catalogue of the source proves it; otherwise the table stops.
   */
  APPLY,
  /**
   * Adds columns. A table keeps its name, and a dropped column stays, if rows can be inserted
   * without it. Anything other stops the table, and the failure names the statement to run.
   */
  ADD_ONLY,
  /** Creates missing tables and changes none: a change stops the table. */
  REFUSE
}
