package dev.pgetl.internal.capture.facts;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides which value a column has in the rows that were there when it was added.
 *
 * <p>The server keeps one value for all of them as long as the table is not rewritten ({@code
 * attmissingval}). The default may be another one by now.
 */
public final class AddedValues {
  /**
   * SQL for whether rows may have got values of a column that nothing in its row accounts for; of a
   * row {@code a} of pg_attribute and its row {@code c} of pg_class.
   *
   * <p>A default that is not the same for all rows rewrites the table, as does an identity or a
   * generated column; and each rewrite clears the value that is kept for rows from before. A table
   * whose file has the number of the table was never rewritten. {@code ADD COLUMN} writes the row
   * of the column and then that of the table: if the former is newer, the column was altered since,
   * or its kept value was cleared. What was written later into the row of the table hides that.
   */
  public static final String MAY_BE_FILLED =
      """
      (c.relfilenode NOT IN (0, c.oid) AND (a.attnotnull OR age(a.xmin) < age(c.xmin)
        OR a.xmin = c.xmin AND a.cmin::text::bigint > c.cmin::text::bigint))""";

  private static final long MONEY = 790;
  private static final long PADDED = 1042;

  /** Types whose values are the same only if their texts are: text, varchar, char, name. */
  private static final Set<Long> TEXTS = Set.of(25L, 1043L, PADDED, 19L);

  /** A default that is the same for all rows, as the server writes it. */
  private static final Pattern CONSTANT =
      Pattern.compile("(?:(-?[0-9.]+|true|false)|'((?:[^']|'')*)')(?:::[\\w .\"()\\[\\],]+)?");

  /** A fraction has one or two digits, groups have more. */
  private static final Pattern AMOUNT =
      Pattern.compile("[(-]*([0-9][0-9.,]*?)(?:[.,]([0-9]{1,2}))?[)-]*");

  private AddedValues() {}

  /**
   * {@return the default of a column}
   *
   * @param type its type
   * @param expression its default as SQL; null if it has none
   * @param kept what the server keeps for rows from before the column; null if nothing
   * @param computed whether it gets, or may have got, values without a default of its own
   */
  public static ColumnFacts.Default of(
      long type, @Nullable String expression, @Nullable String kept, boolean computed) {
    boolean filled =
        kept == null
            ? computed || expression != null
            : expression == null || !isConstant(type, expression, kept);
    return new ColumnFacts.Default(expression, filled);
  }

  private static boolean isConstant(long type, String expression, String value) {
    Matcher constant = CONSTANT.matcher(expression);
    if (!constant.matches()) {
      return false;
    }
    String plain = constant.group(1);
    String text = plain == null ? constant.group(2).replace("''", "'") : plain;
    return text.equals(value)
        || (type == MONEY && amount(text).equals(amount(value)))
        || (type == PADDED && text.stripTrailing().equals(value.stripTrailing()))
        || (text.equals("true") && value.equals("t"))
        || (text.equals("false") && value.equals("f"))
        || (!TEXTS.contains(type) && areSameNumber(text, value));
  }

  /** {@return an amount of money without signs of a currency and of grouping} */
  private static String amount(String money) {
    Matcher parts = AMOUNT.matcher(money.replaceAll("[^0-9.,()-]", ""));
    if (!parts.matches()) {
      return money;
    }
    String whole = parts.group(1).replaceAll("[^0-9]", "").replaceFirst("^0+(?=.)", "");
    String rest = parts.group(2) == null ? "" : parts.group(2).replaceFirst("0+$", "");
    boolean negative = money.contains("-") || money.contains("(");
    return (negative ? "-" : "") + whole + "." + rest;
  }

  /** The scale of the column rounds its values, not its default. */
  private static boolean areSameNumber(String constant, String value) {
    try {
      BigDecimal number = new BigDecimal(value);
      return new BigDecimal(constant)
              .setScale(Math.max(0, number.scale()), RoundingMode.HALF_UP)
              .compareTo(number)
          == 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
