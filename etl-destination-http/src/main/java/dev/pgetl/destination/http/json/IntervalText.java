package dev.pgetl.destination.http.json;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns the text of an interval into an ISO 8601 duration, each part with its own sign. */
final class IntervalText {
  private static final Pattern POSTGRES =
      Pattern.compile(
          "(?:(?<years>[-+]?\\d+) years?)?"
              + " ?(?:(?<months>[-+]?\\d+) mons?)?"
              + " ?(?:(?<days>[-+]?\\d+) days?)?"
              + " ?(?:(?<sign>[-+]?)(?<hours>\\d+):(?<minutes>\\d\\d):(?<seconds>\\d\\d(\\.\\d+)?))?");

  private IntervalText() {}

  /**
   * {@return for example {@code P1Y2M3DT4H5M6.789S}; the text itself where it is no sum of parts,
   * as {@code infinity}}
   *
   * @param text what Postgres sent
   */
  static String iso(String text) {
    Matcher parts = POSTGRES.matcher(text);
    if (text.isEmpty() || !parts.matches()) {
      return text;
    }
    StringBuilder iso = new StringBuilder("P");
    append(iso, "", parts.group("years"), 'Y');
    append(iso, "", parts.group("months"), 'M');
    append(iso, "", parts.group("days"), 'D');
    int dateEnd = iso.append('T').length();
    String sign = "-".equals(parts.group("sign")) ? "-" : "";
    append(iso, sign, parts.group("hours"), 'H');
    append(iso, sign, parts.group("minutes"), 'M');
    append(iso, sign, parts.group("seconds"), 'S');
    if (iso.length() == dateEnd) {
      iso.setLength(dateEnd - 1);
    }
    return iso.length() == 1 ? "PT0S" : iso.toString();
  }

  /** Leaves out what is zero, and plus signs and zeros in front. */
  private static void append(StringBuilder iso, String sign, @Nullable String amount, char unit) {
    if (amount == null) {
      return;
    }
    String digits = amount.startsWith("-") || amount.startsWith("+") ? amount.substring(1) : amount;
    int significant = 0;
    while (significant < digits.length() - 1
        && digits.charAt(significant) == '0'
        && digits.charAt(significant + 1) != '.') {
      significant++;
    }
    if (!digits.substring(significant).equals("0")) {
      iso.append(amount.startsWith("-") ? "-" : sign).append(digits, significant, digits.length());
      iso.append(unit);
    }
  }
}
