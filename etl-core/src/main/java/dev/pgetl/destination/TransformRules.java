package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import java.util.Objects;

/**
 * Checks that transforms keep their rules. A row with other columns than its table would put values
 * under wrong names at the destination, without a failure.
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
}
