package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Checks that transforms keep their rules, and what they do with columns that are added. A row with
 * other columns than its table would put values under wrong names at the destination, without a
 * failure.
 */
final class TransformRules {
  private TransformRules() {}

  /** {@return the transform, whose table is the same one (T1)} */
  static RowTransform checked(TableSchema source, RowTransform transform) {
    TableSchema table = transform.table();
    if (!table.id().equals(source.id())
        || !Objects.equals(table.snapshotLsn(), source.snapshotLsn())
        || table.replicaIdentity() != source.replicaIdentity()) {
      throw broken(source, "changed the table's id, version or replica identity");
    }
    return transform;
  }

  /** {@return the row as the destination sees it, with the columns of the transform's table} */
  static TableRow apply(RowTransform transform, TableRow row) {
    TableRow result = transform.apply(row);
    if (!sameColumns(result.table(), transform.table())) {
      throw broken(row.table(), "returned a row with other columns than its table() has");
    }
    return result;
  }

  @SuppressWarnings("ReferenceEquality") // one object is shared by all rows of a version
  private static boolean sameColumns(TableSchema one, TableSchema other) {
    return one == other || one.columns().equals(other.columns());
  }

  private static EtlException broken(TableSchema table, String what) {
    return new EtlException(
            ErrorKind.DESTINATION_FAILED, "transform of table " + table.name() + " " + what)
        .withFix("Correct the transform: see the rules of TableTransform and RowTransform")
        .withTable(table.id().oid());
  }

  /**
   * {@return why rows from before lack what a transform makes of a new column; empty if they do
   * not} A transform of the user shows nothing in its result of what it does with a default.
   *
   * @param before the version before
   * @param next the version with the column
   * @param transform for that version
   */
  static Optional<String> difference(TableSchema before, TableSchema next, RowTransform transform) {
    return next.columns().stream()
        .filter(column -> column.defaultExpression() != null && isNew(column, before))
        .filter(column -> !carries(transform, column))
        .findFirst()
        .map(
            column ->
                "its column "
                    + column.name()
                    + " was added with a value for the rows there, and a transform changes it");
  }

  private static boolean isNew(ColumnSchema column, TableSchema before) {
    return before.indexOf(column.name()) < 0
        && before.columns().stream()
            .allMatch(each -> each.attributeNumber() != column.attributeNumber());
  }

  /** {@return whether the result says what rows from before have, or lacks the column} */
  private static boolean carries(RowTransform transform, ColumnSchema added) {
    return transform.leavesUnchanged(added.name())
        || (isOfLibrary(transform)
            && transform.table().columns().stream()
                .filter(column -> column.attributeNumber() == added.attributeNumber())
                .allMatch(column -> column.defaultExpression() != null));
  }

  private static boolean isOfLibrary(RowTransform transform) {
    return transform instanceof ColumnSelection
        || transform instanceof ColumnMask
        || (transform instanceof Chained chained
            && isOfLibrary(chained.first())
            && isOfLibrary(chained.second()));
  }

  /**
   * One transform followed by another.
   *
   * @param first sees the rows of Postgres
   * @param second sees the result of the first
   */
  record Chained(RowTransform first, RowTransform second) implements RowTransform {
    @Override
    public TableSchema table() {
      return second.table();
    }

    @Override
    public boolean leavesUnchanged(String column) {
      return first.leavesUnchanged(column) && second.leavesUnchanged(column);
    }

    @Override
    public TableRow apply(TableRow row) {
      return second.apply(TransformRules.apply(first, row));
    }
  }

  /**
   * Runs code of the user. Its exception may quote a value, so its type and stack are passed on,
   * but not its text.
   */
  static <T> T blamed(TableSchema table, Supplier<T> code) {
    try {
      return code.get();
    } catch (EtlException e) {
      throw e.tableOid().isPresent() ? e : e.withTable(table.id().oid());
    } catch (RuntimeException e) {
      EtlException failure =
          new EtlException(
              ErrorKind.DESTINATION_FAILED,
              "transform of table " + table.name() + " threw " + e.getClass().getName());
      failure.setStackTrace(e.getStackTrace());
      throw failure.withTable(table.id().oid());
    }
  }
}
