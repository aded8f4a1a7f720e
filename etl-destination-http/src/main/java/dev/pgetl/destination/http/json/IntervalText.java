package dev.pgetl.destination.http.json;

import dev.pgetl.data.PgInterval;
import java.math.BigDecimal;

/** Turns the text of an interval into an ISO 8601 duration, each part with its own sign. */
final class IntervalText {
  private static final int MONTHS = 12;
  private static final long MINUTE = 60_000_000;
  private static final long HOUR = 60 * MINUTE;
  private static final int MICROSECOND_SCALE = 6;

  private IntervalText() {}

  /**
   * {@return for example {@code P1Y2M3DT4H5M6.789S}; the text itself where it is not a sum of
   * parts, such as {@code infinity}}
   *
   * @param text what Postgres sent
   */
  static String iso(String text) {
    PgInterval interval;
    try {
      interval = PgInterval.parse(text);
    } catch (IllegalArgumentException noSum) {
      return text;
    }
    StringBuilder iso = new StringBuilder("P");
    append(iso, interval.months() / MONTHS, 'Y');
    append(iso, interval.months() % MONTHS, 'M');
    append(iso, interval.days(), 'D');
    long microseconds = interval.microseconds();
    if (microseconds != 0) {
      iso.append('T');
      append(iso, microseconds / HOUR, 'H');
      append(iso, microseconds % HOUR / MINUTE, 'M');
      appendSeconds(iso, microseconds % MINUTE);
    }
    return iso.length() == 1 ? "PT0S" : iso.toString();
  }

  private static void append(StringBuilder iso, long amount, char unit) {
    if (amount != 0) {
      iso.append(amount).append(unit);
    }
  }

  private static void appendSeconds(StringBuilder iso, long microseconds) {
    if (microseconds != 0) {
      BigDecimal seconds = BigDecimal.valueOf(microseconds, MICROSECOND_SCALE);
      iso.append(seconds.stripTrailingZeros().toPlainString()).append('S');
    }
  }
}
