package dev.pgetl.internal.row;

import dev.pgetl.data.SpecialValue;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.util.List;

/**
 * What a {@link TableRow} throws: an {@link EtlException} where the data is at fault, a standard
 * exception where the caller is. Names table, column and type, never a value.
 */
final class RowErrors {
  private RowErrors() {}

  static EtlException malformed(TableSchema table, int index, MalformedValueException cause) {
    String message = "decode " + describe(table, index) + " failed: expected " + cause.expected();
    return new EtlException(ErrorKind.SOURCE_DATA, message)
        .withFix(
            "If the type was altered, resync the table; otherwise have the destination read the"
                + " column as text")
        .withTable(table.id().oid());
  }

  /** The column holds a {@link SpecialValue}, or what a type altered meanwhile made of it. */
  static EtlException notHeldBy(TableSchema table, int index, Class<?> type) {
    String message =
        "read "
            + describe(table, index)
            + " failed: "
            + type.getSimpleName()
            + " has no such value";
    return new EtlException(ErrorKind.SOURCE_DATA, message)
        .withFix("Have the destination read the column with get and expect a SpecialValue")
        .withTable(table.id().oid());
  }

  static IllegalArgumentException wrongGetter(TableSchema table, int index, String type) {
    return new IllegalArgumentException(describe(table, index) + " does not hold a " + type);
  }

  static IllegalStateException absent(TableSchema table, int index) {
    return new IllegalStateException(
        describe(table, index) + " is absent: Postgres did not send it; ask isPresent first");
  }

  static IllegalStateException nullValue(TableSchema table, int index) {
    return new IllegalStateException(describe(table, index) + " is null; ask isNull first");
  }

  /** Checks elements of an array or bounds of a range. */
  static void requireParts(TableSchema table, int index, List<?> parts, Class<?> type) {
    for (Object part : parts) {
      if (part != null && !type.isInstance(part)) {
        throw part instanceof SpecialValue || part instanceof List
            ? notHeldBy(table, index, type)
            : wrongGetter(table, index, type.getSimpleName());
      }
    }
  }

  static String describe(TableSchema table, int index) {
    ColumnSchema column = table.column(index);
    return "column " + column.name() + " (" + column.type() + ") of table " + table.name();
  }
}
