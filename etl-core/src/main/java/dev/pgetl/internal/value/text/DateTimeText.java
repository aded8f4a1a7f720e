package dev.pgetl.internal.value.text;

import dev.pgetl.internal.value.MalformedValueException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;

/**
 * Dates and times as Postgres prints them with {@code DateStyle = ISO}: {@code 0044-03-15
 * 12:00:00.5+00 BC}. Reads bytes and makes no String on the way; years before 1 are proleptic,
 * {@code 1 BC} is the year 0.
 */
public final class DateTimeText {
  private static final int SECONDS_PER_DAY = 86_400;
  private static final int SECONDS_PER_HOUR = 3_600;
  private static final int NANOS_PER_MICRO = 1_000;
  private static final int TIME_LENGTH = "00:00:00".length();
  private static final int MONTH_AND_DAY_LENGTH = "-01-01".length();
  private static final int UTC_LENGTH = "+00".length();
  private static final int MIN_YEAR_DIGITS = 4;
  private static final int MAX_YEAR_DIGITS = 7;
  private static final int MAX_FRACTION_DIGITS = 6;
  private static final int MAX_OFFSET_HOURS = 15;
  private static final long MIN_TIMESTAMP =
      LocalDate.of(-4713, 11, 24).toEpochDay() * SECONDS_PER_DAY;
  private static final long END_OF_TIMESTAMPS =
      LocalDate.of(294_277, 1, 1).toEpochDay() * SECONDS_PER_DAY;
  private static final LocalDate MIN_DATE = LocalDate.of(-4713, 11, 24);
  private static final LocalDate MAX_DATE = LocalDate.of(5_874_897, 12, 31);
  private static final byte[] BEFORE_CHRIST = {' ', 'B', 'C'};

  private DateTimeText() {}

  public static LocalDate date(byte[] bytes, int from, int to) {
    int end = eraStart(bytes, from, to);
    int yearEnd = yearEnd(bytes, from, end);
    if (end != yearEnd + MONTH_AND_DAY_LENGTH) {
      throw new MalformedValueException("a date as in 2026-01-02");
    }
    LocalDate date = date(bytes, from, yearEnd, end != to);
    if (date.isBefore(MIN_DATE) || date.isAfter(MAX_DATE)) {
      throw new MalformedValueException("a date between 4713 BC and 5874897");
    }
    return date;
  }

  public static LocalTime time(byte[] bytes, int from, int to) {
    return LocalTime.ofNanoOfDay(
        secondOfDay(bytes, from, to) * 1_000_000_000L + nanos(bytes, from + TIME_LENGTH, to));
  }

  public static OffsetTime offsetTime(byte[] bytes, int from, int to) {
    int offsetStart = offsetStart(bytes, from, to);
    return OffsetTime.of(
        time(bytes, from, offsetStart), ZoneOffset.ofTotalSeconds(offset(bytes, offsetStart, to)));
  }

  public static LocalDateTime timestamp(byte[] bytes, int from, int to) {
    int end = eraStart(bytes, from, to);
    return timestamp(bytes, from, end, end != to);
  }

  /** Reads a timestamp in UTC, as our sessions ask for it, without the detour of an instant. */
  public static OffsetDateTime timestampWithZone(byte[] bytes, int from, int to) {
    int end = eraStart(bytes, from, to);
    int offset = end - UTC_LENGTH;
    boolean utc =
        offset > from
            && bytes[offset] == '+'
            && bytes[offset + 1] == '0'
            && bytes[offset + 2] == '0';
    return utc
        ? timestamp(bytes, from, offset, end != to).atOffset(ZoneOffset.UTC)
        : instant(bytes, from, to).atOffset(ZoneOffset.UTC);
  }

  public static Instant instant(byte[] bytes, int from, int to) {
    int end = eraStart(bytes, from, to);
    int yearEnd = yearEnd(bytes, from, end);
    int time = timeStart(bytes, yearEnd, end);
    int offsetStart = offsetStart(bytes, time, end);
    long midnight = date(bytes, from, yearEnd, end != to).toEpochDay() * SECONDS_PER_DAY;
    int second = secondOfDay(bytes, time, offsetStart);
    int nanos = nanos(bytes, time + TIME_LENGTH, offsetStart);
    long epochSecond = midnight + second - offset(bytes, offsetStart, end);
    requireTimestamp(epochSecond);
    return Instant.ofEpochSecond(epochSecond, nanos);
  }

  private static LocalDateTime timestamp(byte[] bytes, int from, int to, boolean beforeChrist) {
    int yearEnd = yearEnd(bytes, from, to);
    int time = timeStart(bytes, yearEnd, to);
    LocalDate date = date(bytes, from, yearEnd, beforeChrist);
    requireTimestamp(date.toEpochDay() * SECONDS_PER_DAY);
    return LocalDateTime.of(date, time(bytes, time, to));
  }

  public static void requireTimestamp(long epochSecond) {
    if (epochSecond < MIN_TIMESTAMP || epochSecond >= END_OF_TIMESTAMPS) {
      throw new MalformedValueException("a timestamp that Postgres keeps");
    }
  }

  /** Finds where the text ends apart from {@code " BC"}; not {@code to} means before Christ. */
  private static int eraStart(byte[] bytes, int from, int to) {
    int start = to - BEFORE_CHRIST.length;
    boolean before =
        start > from && bytes[to - 1] == 'C' && bytes[to - 2] == 'B' && bytes[start] == ' ';
    return before ? start : to;
  }

  private static int yearEnd(byte[] bytes, int from, int to) {
    int end = from;
    while (end < to && bytes[end] != '-') {
      end++;
    }
    if (end - from < MIN_YEAR_DIGITS || end - from > MAX_YEAR_DIGITS || end == to) {
      throw new MalformedValueException("a date as in 2026-01-02");
    }
    return end;
  }

  private static int timeStart(byte[] bytes, int yearEnd, int to) {
    int blank = yearEnd + MONTH_AND_DAY_LENGTH;
    if (blank >= to || bytes[blank] != ' ') {
      throw new MalformedValueException("a date and a time as in 2026-01-02 03:04:05");
    }
    return blank + 1;
  }

  private static LocalDate date(byte[] bytes, int from, int yearEnd, boolean beforeChrist) {
    int year = number(bytes, from, yearEnd);
    if (year == 0) {
      throw new MalformedValueException("a year that exists");
    }
    int proleptic = beforeChrist ? 1 - year : year;
    int month = number(bytes, yearEnd + 1, yearEnd + 3);
    int day = number(bytes, yearEnd + 4, yearEnd + 6);
    if (bytes[yearEnd + 3] != '-' || month < 1 || month > 12) {
      throw new MalformedValueException("a month from 01 to 12");
    }
    if (day < 1 || day > daysOf(proleptic, month)) {
      throw new MalformedValueException("a day of the month");
    }
    return LocalDate.of(proleptic, month, day);
  }

  private static int daysOf(int year, int month) {
    return switch (month) {
      case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  private static int secondOfDay(byte[] bytes, int from, int to) {
    if (to - from < TIME_LENGTH || bytes[from + 2] != ':' || bytes[from + 5] != ':') {
      throw new MalformedValueException("a time as in 03:04:05");
    }
    int hour = number(bytes, from, from + 2);
    int minute = number(bytes, from + 3, from + 5);
    int second = number(bytes, from + 6, from + TIME_LENGTH);
    if (hour > 23 || minute > 59 || second > 59) {
      throw new MalformedValueException("a time from 00:00:00 to 24:00:00");
    }
    return hour * SECONDS_PER_HOUR + minute * 60 + second;
  }

  /** Reads nothing, or a point with one to six digits. */
  private static int nanos(byte[] bytes, int from, int to) {
    if (from == to) {
      return 0;
    }
    int digits = to - from - 1;
    if (bytes[from] != '.' || digits < 1 || digits > MAX_FRACTION_DIGITS) {
      throw new MalformedValueException("a fraction of one to six digits");
    }
    int nanos = number(bytes, from + 1, to);
    for (int i = digits; i < 9; i++) {
      nanos *= 10;
    }
    return nanos;
  }

  /** Finds the sign of the offset behind a time. */
  private static int offsetStart(byte[] bytes, int time, int to) {
    for (int i = time + TIME_LENGTH; i < to; i++) {
      if (bytes[i] == '+' || bytes[i] == '-') {
        return i;
      }
    }
    throw new MalformedValueException("an offset as in +00");
  }

  /** Reads {@code +hh}, {@code +hh:mm} or {@code +hh:mm:ss} in seconds. */
  static int offset(byte[] bytes, int from, int to) {
    int length = to - from;
    boolean signed = length > 0 && (bytes[from] == '+' || bytes[from] == '-');
    boolean minutesFollow = length >= 6 && bytes[from + 3] == ':';
    boolean secondsFollow = length == 9 && minutesFollow && bytes[from + 6] == ':';
    if (!signed || !(length == 3 || (length == 6 && minutesFollow) || secondsFollow)) {
      throw new MalformedValueException("an offset as in +00 or +05:30");
    }
    int hours = number(bytes, from + 1, from + 3);
    int minutes = minutesFollow ? number(bytes, from + 4, from + 6) : 0;
    int seconds = secondsFollow ? number(bytes, from + 7, from + 9) : 0;
    if (hours > MAX_OFFSET_HOURS || minutes > 59 || seconds > 59) {
      throw new MalformedValueException("an offset of less than 16 hours");
    }
    int offset = hours * SECONDS_PER_HOUR + minutes * 60 + seconds;
    return bytes[from] == '-' ? -offset : offset;
  }

  private static int number(byte[] bytes, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        throw new MalformedValueException("digits");
      }
      value = value * 10 + digit;
    }
    return value;
  }

  public static void append(StringBuilder text, LocalDate date) {
    appendDate(text, date);
    appendEra(text, date);
  }

  public static void append(StringBuilder text, LocalDateTime timestamp) {
    appendDate(text, timestamp.toLocalDate());
    text.append(' ');
    append(text, timestamp.toLocalTime());
    appendEra(text, timestamp.toLocalDate());
  }

  public static void append(StringBuilder text, OffsetDateTime timestamp) {
    OffsetDateTime utc = timestamp.withOffsetSameInstant(ZoneOffset.UTC);
    appendDate(text, utc.toLocalDate());
    text.append(' ');
    append(text, utc.toLocalTime());
    text.append("+00");
    appendEra(text, utc.toLocalDate());
  }

  public static void append(StringBuilder text, OffsetTime time) {
    append(text, time.toLocalTime());
    append(text, time.getOffset());
  }

  public static void append(StringBuilder text, LocalTime time) {
    if (time.getNano() % NANOS_PER_MICRO != 0) {
      throw new IllegalArgumentException("a time finer than the microseconds Postgres keeps");
    }
    appendPadded(text, time.getHour(), 2).append(':');
    appendPadded(text, time.getMinute(), 2).append(':');
    appendPadded(text, time.getSecond(), 2);
    appendFraction(text, time.getNano() / NANOS_PER_MICRO);
  }

  public static void append(StringBuilder text, ZoneOffset offset) {
    int seconds = Math.abs(offset.getTotalSeconds());
    text.append(offset.getTotalSeconds() < 0 ? '-' : '+');
    appendPadded(text, seconds / SECONDS_PER_HOUR, 2);
    if (seconds % SECONDS_PER_HOUR != 0) {
      appendPadded(text.append(':'), seconds / 60 % 60, 2);
    }
    if (seconds % 60 != 0) {
      appendPadded(text.append(':'), seconds % 60, 2);
    }
  }

  /** Appends a fraction of a second without trailing zeros, nothing for none. */
  private static void appendFraction(StringBuilder text, int microseconds) {
    if (microseconds != 0) {
      appendPadded(text.append('.'), microseconds, MAX_FRACTION_DIGITS);
      while (text.charAt(text.length() - 1) == '0') {
        text.setLength(text.length() - 1);
      }
    }
  }

  private static void appendDate(StringBuilder text, LocalDate date) {
    int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
    appendPadded(text, year, MIN_YEAR_DIGITS).append('-');
    appendPadded(text, date.getMonthValue(), 2).append('-');
    appendPadded(text, date.getDayOfMonth(), 2);
  }

  private static void appendEra(StringBuilder text, LocalDate date) {
    text.append(date.getYear() > 0 ? "" : " BC");
  }

  private static StringBuilder appendPadded(StringBuilder text, int value, int digits) {
    String plain = Integer.toString(value);
    return text.append("0".repeat(Math.max(0, digits - plain.length()))).append(plain);
  }
}
