package dev.pgetl.internal.value;

import dev.pgetl.schema.ColumnSchema;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The value of a column's default that is the same for all rows, in the text in which Postgres
 * sends it. No event carries the values that {@code ADD COLUMN … DEFAULT} gives to the rows that
 * are there. Stateless.
 */
public final class ConstantDefault {
  /** A default that is the same for all rows, as the server writes it. */
  private static final Pattern CONSTANT =
      Pattern.compile("(-?[0-9.]+|true|false)|'((?:[^'\\\\]|'')*)'::([\\w ]+)");

  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,19}");

  private ConstantDefault() {}

  /**
   * {@return the value as Postgres sends it; null if the column has no constant default, or its
   * text cannot be known} A constant is written as it was given; a value of the column may look
   * different.
   *
   * @param column the column
   */
  public static @Nullable String sentText(ColumnSchema column) {
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
