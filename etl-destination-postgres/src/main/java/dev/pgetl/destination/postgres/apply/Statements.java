package dev.pgetl.destination.postgres.apply;

import dev.pgetl.destination.postgres.table.TargetColumn;
import dev.pgetl.destination.postgres.table.TargetTable;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** The texts of statements about rows of a table. No I/O. */
final class Statements {
  private Statements() {}

  /** {@return the table with its columns, for a {@code COPY} or an {@code INSERT}} */
  static String into(TargetTable table) {
    return table.name().quoted() + " (" + list(table.written(), table::quoted) + ")";
  }

  static String insert(TargetTable table) {
    return "insert into "
        + into(table)
        + " overriding system value values ("
        + list(table.written(), place -> table.cast("?", place))
        + ")";
  }

  /** {@return an update of one row; binds the changed columns, then the key} */
  static String update(TargetTable table, List<Integer> changed) {
    return "update "
        + table.name().quoted()
        + " t set "
        + list(changed, place -> table.quoted(place) + " = " + table.cast("?", place))
        + " where "
        + key(table);
  }

  /** {@return a delete of one row; binds the key} */
  static String delete(TargetTable table) {
    return "delete from " + table.name().quoted() + " t where " + key(table);
  }

  private static String key(TargetTable table) {
    return table.key().stream()
        .map(place -> "t." + table.quoted(place) + " = " + table.stored("?", place))
        .collect(Collectors.joining(" and "));
  }

  /**
   * {@return an update of one of the rows that equal a whole row} Binds that row's columns, those
   * that have an equality twice, then the changed columns.
   */
  static String updateOne(TargetTable table, List<Integer> changed) {
    return one(table)
        + " update "
        + table.name().quoted()
        + " t set "
        + list(changed, place -> table.quoted(place) + " = " + table.cast("?", place))
        + " from one where t.ctid = one.c and t.tableoid = one.o";
  }

  /** {@return a delete of one of the rows that equal a whole row; binds that row's columns} */
  static String deleteOne(TargetTable table) {
    return one(table)
        + " delete from "
        + table.name().quoted()
        + " t using one where t.ctid = one.c and t.tableoid = one.o";
  }

  private static String one(TargetTable table) {
    return "with one as (select t.tableoid as o, t.ctid as c from "
        + table.name().quoted()
        + " t where "
        + table.written().stream()
            .map(place -> equality(table, place))
            .collect(Collectors.joining(" and "))
        + " limit 1)";
  }

  /**
   * Texts are exact, as 1.0 and 1.00 differ, but for what the column has rounded. An index may help
   * with the other comparison.
   */
  private static String equality(TargetTable table, int place) {
    String column = "t." + table.quoted(place);
    TargetColumn known = table.columns().get(place);
    String text =
        column + "::text is not distinct from cast(" + table.stored("?", place) + " as text)";
    return known.comparable()
        ? "("
            + column
            + " = "
            + table.stored("?", place)
            + " or "
            + column
            + " is null) and "
            + text
        : text;
  }

  /** {@return the columns that an update may set} */
  static List<Integer> settable(TargetTable table, List<Integer> changed) {
    return changed.stream()
        .filter(table.written()::contains)
        .filter(
            place -> !table.columns().get(place).alwaysIdentity() || table.key().contains(place))
        .toList();
  }

  static String list(List<Integer> places, IntFunction<String> text) {
    return places.stream().map(text::apply).collect(Collectors.joining(", "));
  }
}
