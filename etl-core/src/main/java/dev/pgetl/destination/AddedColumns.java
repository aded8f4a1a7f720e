package dev.pgetl.destination;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Columns that were added with a constant for the rows that are there. No event carries those
 * values: a destination fills them in by the default in the description of the table.
 */
final class AddedColumns {
  /** A default that is the same for all rows, as the server writes it. */
  private static final Pattern CONSTANT =
      Pattern.compile("(-?[0-9.]+|true|false)|'((?:[^'\\\\]|'')*)'::([\\w ]+)");

  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,19}");
  private static final String NULL_TEXT = "NULL::text";

  private AddedColumns() {}

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
        || (transform instanceof ChainedTransform chained
            && isOfLibrary(chained.first())
            && isOfLibrary(chained.second()));
  }

  /**
   * {@return the default of a masked column; null if it has none, or if its value cannot be known
   * as Postgres sends it}
   *
   * @param column as it is before the mask
   */
  static @Nullable String masked(ColumnSchema column, Function<String, @Nullable String> mask) {
    String value = sentText(column);
    if (value == null) {
      return null;
    }
    String replacement = mask.apply(value);
    return replacement == null ? NULL_TEXT : "'" + replacement.replace("'", "''") + "'::text";
  }

  /** A constant is written as it was given; a value of the column may look different. */
  private static @Nullable String sentText(ColumnSchema column) {
    String expression = column.defaultExpression();
    Matcher constant = CONSTANT.matcher(expression == null ? "" : expression);
    if (!constant.matches()) {
      return null;
    }
    String quoted = constant.group(2) == null ? null : constant.group(2).replace("''", "'");
    String plain = quoted == null ? constant.group(1) : quoted;
    return switch (column.type().name()) {
      case "int2", "int4", "int8" -> INTEGER.matcher(plain).matches() ? plain : null;
      case "numeric" -> number(plain, column.modifier());
      case "bool" -> plain.equals("true") ? "t" : plain.equals("false") ? "f" : null;
      case "text", "varchar" -> isText(constant.group(3)) ? quoted : null;
      case "date", "uuid" -> column.type().name().equals(constant.group(3)) ? quoted : null;
      default -> null;
    };
  }

  private static boolean isText(@Nullable String type) {
    return "text".equals(type) || "character varying".equals(type);
  }

  /** The lower 11 bits of the modifier are the scale, with a sign. */
  private static @Nullable String number(String text, int modifier) {
    try {
      BigDecimal number = new BigDecimal(text);
      int scale = ((modifier - 4 & 0x7FF) ^ 0x400) - 0x400;
      return (modifier < 0 ? number : number.setScale(scale, RoundingMode.HALF_UP)).toPlainString();
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
