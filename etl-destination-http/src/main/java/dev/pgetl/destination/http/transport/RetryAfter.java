package dev.pgetl.destination.http.transport;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;

/** Reads the header {@code Retry-After}: seconds, or a date in any of the three forms of HTTP. */
final class RetryAfter {
  private static final int MAX_DIGITS = 9;

  /** A year of two digits is at most so far in the future. */
  private static final int YEARS_AHEAD = 50;

  private RetryAfter() {}

  /**
   * {@return how long to wait; zero if the header is missing or cannot be read}
   *
   * @param value the header
   * @param date the answer's header {@code Date}: a date is meant by the receiver's clock
   * @param now the time by this machine's clock, for an answer without a date
   */
  static Duration parse(String value, String date, Instant now) {
    String text = value.strip();
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Duration.ofSeconds(
          text.length() > MAX_DIGITS ? Integer.MAX_VALUE : Long.parseLong(text));
    }
    Instant sent = date(date.strip(), now, now);
    Instant at = date(text, now, sent);
    return at.isAfter(sent) ? Duration.between(sent, at) : Duration.ZERO;
  }

  private static Instant date(String text, Instant now, Instant otherwise) {
    for (DateTimeFormatter form : forms(now)) {
      try {
        return LocalDateTime.parse(text, form).toInstant(ZoneOffset.UTC);
      } catch (DateTimeException ofAnotherForm) {
        // the next may fit
      }
    }
    return otherwise;
  }

  private static List<DateTimeFormatter> forms(Instant now) {
    int firstYear = now.atOffset(ZoneOffset.UTC).getYear() + YEARS_AHEAD - 99;
    return List.of(
        form("EEE, d MMM yyyy HH:mm:ss 'GMT'"),
        new DateTimeFormatterBuilder()
            .appendPattern("EEEE, dd-MMM-")
            .appendValueReduced(ChronoField.YEAR, 2, 2, firstYear)
            .appendPattern(" HH:mm:ss 'GMT'")
            .toFormatter(Locale.ENGLISH),
        form("EEE MMM ppd HH:mm:ss yyyy"));
  }

  private static DateTimeFormatter form(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
  }
}
