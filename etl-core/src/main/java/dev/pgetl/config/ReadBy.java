package dev.pgetl.config;

/**
 * In which order the rows of a table are read for its copy. Only a copy in the order of the primary
 * key is resumed where it was interrupted; any other one starts over.
 */
public enum ReadBy {
  /**
   * By the primary key if the table has at least 128 MiB and its rows lie nearly in the order of
   * their keys; otherwise by block.
   */
  AUTO,
  /**
   * By the first column of the primary key, if its values have one order in Java and in Postgres:
   * whole numbers, {@code numeric}, {@code uuid}, {@code bytea}, dates and times, and text with the
   * collation {@code C}. Rows that do not lie in the order of their keys, like those with random
   * keys, are read at a fraction of the rate. A table without such a column is read by block.
   */
  KEY,
  /** As the rows lie in the table, which is the fastest. */
  BLOCK
}
