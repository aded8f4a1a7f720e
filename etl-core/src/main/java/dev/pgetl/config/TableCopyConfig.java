package dev.pgetl.config;

import dev.pgetl.schema.TableName;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which tables have their existing rows copied, and how fast. What the destination has of them is
 * removed first, or replaced. The others keep it, and start with the changes made after the
 * pipeline first saw them.
 *
 * <p>A table goes by the name it has when the pipeline starts, or when it is published later. A
 * partitioned table has the name of its root or, without {@code publish_via_partition_root}, each
 * partition its own. The start fails if a table that is named is not published.
 *
 * @param mode how {@code tables} is meant
 * @param tables the tables of {@code ONLY} and {@code EXCEPT}
 * @param notPublishedYet which of them may be published later
 * @param limit how fast rows are read, if that is limited
 * @param readBy in which order rows are read; a table that {@code readByOf} names has its own
 * @param readByOf in which order rows of some tables are read
 * @param rowsOf conditions on the rows of some tables
 */
public record TableCopyConfig(
    Mode mode,
    Set<TableName> tables,
    Set<TableName> notPublishedYet,
    Optional<CopyLimit> limit,
    ReadBy readBy,
    Map<TableName, ReadBy> readByOf,
    Map<TableName, String> rowsOf) {
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
    notPublishedYet = Set.copyOf(notPublishedYet);
    Objects.requireNonNull(limit, "limit");
    Objects.requireNonNull(readBy, "readBy");
    readByOf = Map.copyOf(readByOf);
    rowsOf = Map.copyOf(rowsOf);
  }

  private TableCopyConfig(Mode mode, Set<TableName> tables) {
    this(mode, tables, Set.of(), Optional.empty(), ReadBy.AUTO, Map.of(), Map.of());
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
   * {@return the same choice, but the start does not require some of the tables}
   *
   * @param later tables that may be published later
   */
  public TableCopyConfig notPublishedYet(Set<TableName> later) {
    return new TableCopyConfig(mode, tables, later, limit, readBy, readByOf, rowsOf);
  }

  /**
   * {@return the same choice, read no faster than a limit, which can be changed at any time}
   *
   * @param most the limit
   */
  public TableCopyConfig limitedTo(CopyLimit most) {
    return new TableCopyConfig(
        mode, tables, notPublishedYet, Optional.of(most), readBy, readByOf, rowsOf);
  }

  /**
   * {@return the same choice, with rows read in an order} By default it is {@link ReadBy#AUTO}.
   *
   * @param order for all tables that have none of their own
   */
  public TableCopyConfig readBy(ReadBy order) {
    return new TableCopyConfig(mode, tables, notPublishedYet, limit, order, readByOf, rowsOf);
  }

  /**
   * {@return the same choice, with rows of one table read in an order of its own}
   *
   * @param table the table
   * @param order for this table
   */
  public TableCopyConfig readBy(TableName table, ReadBy order) {
    Map<TableName, ReadBy> orders = new HashMap<>(readByOf);
    orders.put(table, order);
    return new TableCopyConfig(mode, tables, notPublishedYet, limit, readBy, orders, rowsOf);
  }

  /**
   * {@return in which order a table's rows are read}
   *
   * @param table the table
   */
  public ReadBy readBy(TableName table) {
    return readByOf.getOrDefault(table, readBy);
  }

  /**
   * {@return the same choice, with only some rows of one table copied} Those for which a condition
   * is true in the snapshot of the copy, each time the table is copied. The destination truncates
   * the table all the same.
   *
   * <p><b>The stream is not filtered.</b> It has every change of the table. So a destination gets
   * updates and deletes of rows that it does not have. Such an update may lack large values that it
   * did not change ({@link dev.pgetl.data.TableRow#isPresent}), and the destination has no row to
   * take them from. Rows for which the condition is not true arrive with their changes; the next
   * copy of the table removes them.
   *
   * <p><b>The condition</b> is a boolean expression of Postgres over the columns of the table, all
   * of them, also those that are not published; what {@code WHERE} takes, without subqueries and
   * functions that read tables. The search path is {@code pg_catalog}: functions, types and
   * operators of others need their schema. With a condition that changes by itself, such as one
   * with {@code now()}, each connection of a copy has its own result. A row filter of the
   * publication counts as well. The server's log may contain the condition.
   *
   * <p>The server checks it before anything is truncated: at the start, which fails if it is
   * refused, or when the copy begins, for a table that is published later, or was altered.
   *
   * @param table a table whose rows are copied
   * @param condition the condition, for example {@code created_at >= '2026-01-01'}
   * @throws IllegalArgumentException if rows of the table are not copied, or the condition is blank
   */
  public TableCopyConfig rows(TableName table, String condition) {
    if (!copies(table)) {
      throw new IllegalArgumentException("rows of table " + table + " are not copied");
    }
    if (condition.isBlank()) {
      throw new IllegalArgumentException("the condition on rows of " + table + " is blank");
    }
    Map<TableName, String> conditions = new HashMap<>(rowsOf);
    conditions.put(table, condition);
    return new TableCopyConfig(mode, tables, notPublishedYet, limit, readBy, readByOf, conditions);
  }

  /**
   * {@return the condition on a table's rows; empty if all of them are copied}
   *
   * @param table the table
   */
  public Optional<String> rows(TableName table) {
    return Optional.ofNullable(rowsOf.get(table));
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
