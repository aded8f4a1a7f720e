package dev.pgetl.destination.http.json;

/** Turns the text of a point in time into the form of ISO 8601 and RFC 3339. */
final class TimeText {
  private TimeText() {}

  /**
   * {@return the text with a {@code T} between date and time, {@code Z} for the offset {@code +00},
   * and minutes on every other offset; years BC and the infinities stay as Postgres writes them}
   *
   * @param text a timestamp, with or without time zone, or a time with time zone
   */
  static String iso(String text) {
    if (text.endsWith("BC") || text.endsWith("infinity")) {
      return text;
    }
    String separated = text.replace(' ', 'T');
    int sign = separated.length() - "+00".length();
    if (sign < 0 || (separated.charAt(sign) != '+' && separated.charAt(sign) != '-')) {
      return separated;
    }
    return separated.endsWith("+00") ? separated.substring(0, sign) + "Z" : separated + ":00";
  }
}
