package dev.pgetl.data;

/**
 * An {@code interval}: three numbers that Postgres keeps apart, because a month has no fixed number
 * of days and a day no fixed number of hours. Each has its own sign. Immutable, equal by value: 1
 * day and 24 hours differ.
 *
 * @param months months, years included
 * @param days days
 * @param microseconds the rest
 */
public record PgInterval(int months, int days, long microseconds) {
  private static final String[] UNITS = {"year", "mon", "day"};
  private static final int MONTHS_PER_YEAR = 12;
  private static final long SECOND = 1_000_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final int MAX_FRACTION_DIGITS = 6;

  /**
   * Reads what Postgres prints with {@code IntervalStyle = postgres}.
   *
   * @param text for example {@code 1 year 2 mons -3 days 04:05:06.789}
   * @return the interval
   * @throws IllegalArgumentException if the text is no such interval
   */
  public static PgInterval parse(String text) {
    String[] words = text.split(" ", -1);
    long[] amounts = new long[UNITS.length];
    int unit = 0;
    int word = 0;
    for (; word + 1 < words.length; word += 2) {
      unit = unit(words[word + 1], unit);
      amounts[unit++] = integer(words[word], signLength(words[word]), words[word].length());
    }
    long microseconds = word < words.length ? time(words[word]) : 0;
    try {
      long months = Math.addExact(Math.multiplyExact(amounts[0], MONTHS_PER_YEAR), amounts[1]);
      return new PgInterval(Math.toIntExact(months), Math.toIntExact(amounts[2]), microseconds);
    } catch (ArithmeticException e) {
      throw malformed("months and days of at most 32 bits");
    }
  }

  /** Finds a unit among those that may follow: each comes at most once, the larger first. */
  private static int unit(String word, int first) {
    String singular = word.endsWith("s") ? word.substring(0, word.length() - 1) : word;
    for (int unit = first; unit < UNITS.length; unit++) {
      if (UNITS[unit].equals(singular)) {
        return unit;
      }
    }
    throw malformed("years, mons and days in this order");
  }

  /** Reads {@code -04:05:06.789}: at least two digits of hours, at most six of a fraction. */
  private static long time(String word) {
    int hours = signLength(word);
    int minutes = word.indexOf(':') + 1;
    int seconds = minutes + 3;
    int fraction = seconds + 3;
    if (minutes - hours < 3
        || word.length() < seconds + 2
        || word.charAt(seconds - 1) != ':'
        || (word.length() > seconds + 2 && word.charAt(fraction - 1) != '.')) {
      throw malformed("a time as in 04:05:06.789");
    }
    boolean negative = word.charAt(0) == '-';
    try {
      // Counted below zero, where there is one more.
      long below = Math.multiplyExact(-magnitude(word, hours, minutes - 1), HOUR);
      below = Math.subtractExact(below, sixtieth(word, minutes) * MINUTE);
      below = Math.subtractExact(below, sixtieth(word, seconds) * SECOND);
      below = Math.subtractExact(below, fraction(word, fraction));
      return negative ? below : Math.negateExact(below);
    } catch (ArithmeticException e) {
      throw malformed("a time of at most 64 bits");
    }
  }

  private static long sixtieth(String word, int from) {
    long value = magnitude(word, from, from + 2);
    if (value > 59) {
      throw malformed("at most 59 minutes or seconds");
    }
    return value;
  }

  private static long fraction(String word, int from) {
    if (from > word.length()) {
      return 0;
    }
    int digits = word.length() - from;
    if (digits > MAX_FRACTION_DIGITS) {
      throw malformed("at most six digits of a second");
    }
    long value = magnitude(word, from, word.length());
    for (int i = digits; i < MAX_FRACTION_DIGITS; i++) {
      value *= 10;
    }
    return value;
  }

  private static int signLength(String word) {
    return word.startsWith("-") || word.startsWith("+") ? 1 : 0;
  }

  private static long integer(String word, int from, int to) {
    long magnitude = magnitude(word, from, to);
    return word.startsWith("-") ? -magnitude : magnitude;
  }

  private static long magnitude(String word, int from, int to) {
    if (to - from < 1 || to - from > 10) {
      throw malformed("numbers of one to ten digits");
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = word.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw malformed("digits");
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static IllegalArgumentException malformed(String expected) {
    return new IllegalArgumentException("not an interval: expected " + expected);
  }

  /** {@return what Postgres prints with {@code IntervalStyle = postgres}} */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    int[] amounts = {months / MONTHS_PER_YEAR, months % MONTHS_PER_YEAR, days};
    boolean negativeBefore = false;
    for (int unit = 0; unit < UNITS.length; unit++) {
      int amount = amounts[unit];
      if (amount != 0) {
        text.append(text.isEmpty() ? "" : " ").append(negativeBefore && amount > 0 ? "+" : "");
        text.append(amount).append(' ').append(UNITS[unit]).append(amount == 1 ? "" : "s");
        negativeBefore = amount < 0;
      }
    }
    if (text.isEmpty() || microseconds != 0) {
      text.append(text.isEmpty() ? "" : " ");
      text.append(microseconds < 0 ? "-" : negativeBefore ? "+" : "");
      appendTime(text);
    }
    return text.toString();
  }

  private void appendTime(StringBuilder text) {
    appendTwoDigits(text, Math.abs(microseconds / HOUR)).append(':');
    appendTwoDigits(text, Math.abs(microseconds % HOUR / MINUTE)).append(':');
    appendTwoDigits(text, Math.abs(microseconds % MINUTE / SECOND));
    appendFraction(text, Math.abs(microseconds % SECOND));
  }

  private static void appendFraction(StringBuilder text, long microsecond) {
    if (microsecond != 0) {
      // The digit in front keeps leading zeros.
      text.append('.').append(Long.toString(SECOND + microsecond), 1, 1 + MAX_FRACTION_DIGITS);
      while (text.charAt(text.length() - 1) == '0') {
        text.setLength(text.length() - 1);
      }
    }
  }

  private static StringBuilder appendTwoDigits(StringBuilder text, long value) {
    return text.append(value < 10 ? "0" : "").append(value);
  }
}
