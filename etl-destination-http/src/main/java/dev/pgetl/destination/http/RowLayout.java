package dev.pgetl.destination.http;

/** How the columns of a row stand in JSON. */
public enum RowLayout {
  /** An array in the order of the table's columns, which each request lists once. */
  POSITIONS,
  /** An object by column name. */
  NAMES
}
