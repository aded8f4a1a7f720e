package dev.pgetl.config;

import dev.pgetl.schema.TableName;
import java.util.Objects;
import java.util.Set;

/**
 * Which tables have their existing rows copied. Each of them is truncated at the destination first.
 * The others are not truncated, and start with the changes made after the pipeline first saw them.
 *
 * @param mode how {@code tables} is meant
 * @param tables the tables of {@code ONLY} and {@code EXCEPT}
 */
public record TableCopyConfig(Mode mode, Set<TableName> tables) {
  /** How the set of tables is meant. */
  public enum Mode {
    /** Copy every table. */
    ALL,
    /** Copy none. */
    NONE,
    /** Copy the tables named. */
    ONLY,
    /** Copy all but the tables named. */
    EXCEPT
  }

  public TableCopyConfig {
    Objects.requireNonNull(mode, "mode");
    tables = Set.copyOf(tables);
  }

  /** {@return copy every table} */
  public static TableCopyConfig all() {
    return new TableCopyConfig(Mode.ALL, Set.of());
  }

  /** {@return copy no table} */
  public static TableCopyConfig none() {
    return new TableCopyConfig(Mode.NONE, Set.of());
  }

  /**
   * {@return copy only these}
   *
   * @param tables qualified names as in the catalogue
   */
  public static TableCopyConfig only(Set<TableName> tables) {
    return new TableCopyConfig(Mode.ONLY, tables);
  }

  /**
   * {@return copy all but these}
   *
   * @param tables qualified names as in the catalogue
   */
  public static TableCopyConfig except(Set<TableName> tables) {
    return new TableCopyConfig(Mode.EXCEPT, tables);
  }

  /**
   * {@return whether a table's rows are copied}
   *
   * @param table the table
   */
  public boolean copies(TableName table) {
    return switch (mode) {
      case ALL -> true;
      case NONE -> false;
      case ONLY -> tables.contains(table);
      case EXCEPT -> !tables.contains(table);
    };
  }
}
