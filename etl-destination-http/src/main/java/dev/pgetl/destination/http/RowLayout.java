package dev.pgetl.destination.http;

/** The form of a row's columns in JSON. */
public enum RowLayout {
  /** An array in the order of the table's columns, which each request lists once. */
  POSITIONS,
  /** An object by column name. */
  NAMES
}
