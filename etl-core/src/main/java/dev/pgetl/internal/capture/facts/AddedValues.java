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
  private static final long MONEY = 790;
  private static final long PADDED = 1042;

  /** Types whose values are the same only if their texts are: text, varchar, char, name. */
  private static final Set<Long> TEXTS = Set.of(25L, 1043L, PADDED, 19L);

  /** A default that is the same for all rows, as the server writes it. */
  private static final Pattern CONSTANT =
      Pattern.compile("(?:(-?[0-9.]+|true|false)|'((?:[^']|'')*)')(?:::[\\w .\"()\\[\\],]+)?");

  private AddedValues() {}

  /**
   * {@return the default of a column}
   *
   * @param type its type
   * @param expression its default as SQL; null if it has none
   * @param kept what the server keeps for rows from before the column; null if nothing
   * @param computed whether it gets values without a default of its own
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
    return type == MONEY
        || text.equals(value)
        || (type == PADDED && text.stripTrailing().equals(value.stripTrailing()))
        || (text.equals("true") && value.equals("t"))
        || (text.equals("false") && value.equals("f"))
        || (!TEXTS.contains(type) && areSameNumber(text, value));
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
