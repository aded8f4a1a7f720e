package dev.pgetl.internal.value.binary;

import dev.pgetl.data.PgInterval;
import dev.pgetl.data.SpecialValue.EndOfDay;
import dev.pgetl.data.SpecialValue.NonFinite;
import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.text.DateTimeText;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;

/**
 * Dates and times in binary format: days and microseconds since the beginning of the year 2000. The
 * least and the greatest number stand for the infinities.
 */
public final class BinaryTimes {
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final int NANOS_PER_MICRO = 1_000;
  private static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
  private static final long FIRST_DAY = LocalDate.of(2000, 1, 1).toEpochDay();
  private static final long FIRST_SECOND = FIRST_DAY * 86_400;
  private static final long MIN_DATE = LocalDate.of(-4713, 11, 24).toEpochDay();
  private static final long MAX_DATE = LocalDate.of(5_874_897, 12, 31).toEpochDay();
  private static final int MAX_OFFSET = 16 * 3_600 - 1;

  private BinaryTimes() {}

  public static Object date(byte[] bytes, int from, int to) {
    int days = BinaryNumbers.int32(bytes, from, to);
    if (days == Integer.MAX_VALUE || days == Integer.MIN_VALUE) {
      return infinity(days > 0);
    }
    long epochDay = days + FIRST_DAY;
    if (epochDay < MIN_DATE || epochDay > MAX_DATE) {
      throw new MalformedValueException("a date that Postgres keeps");
    }
    return LocalDate.ofEpochDay(epochDay);
  }

  public static Object time(byte[] bytes, int from, int to) {
    long micros = BinaryNumbers.int64(bytes, from, to);
    return micros == MICROS_PER_DAY ? new EndOfDay(null) : time(micros);
  }

  /** Reads a time and by how many seconds its zone lies to the west. */
  public static Object offsetTime(byte[] bytes, int from, int to) {
    BinaryNumbers.requireLength(from, to, Long.BYTES + Integer.BYTES);
    long micros = BinaryNumbers.int64(bytes, from, from + Long.BYTES);
    int west = BinaryNumbers.int32(bytes, from + Long.BYTES, to);
    if (west < -MAX_OFFSET || west > MAX_OFFSET) {
      throw new MalformedValueException("an offset of less than 16 hours");
    }
    ZoneOffset offset = ZoneOffset.ofTotalSeconds(-west);
    return micros == MICROS_PER_DAY ? new EndOfDay(offset) : OffsetTime.of(time(micros), offset);
  }

  private static LocalTime time(long micros) {
    if (micros < 0 || micros > MICROS_PER_DAY) {
      throw new MalformedValueException("a time from 00:00:00 to 24:00:00");
    }
    return LocalTime.ofNanoOfDay(micros * NANOS_PER_MICRO);
  }

  public static Object timestamp(byte[] bytes, int from, int to) {
    long micros = BinaryNumbers.int64(bytes, from, to);
    return isInfinite(micros) ? infinity(micros > 0) : timestamp(micros);
  }

  public static Object timestampWithZone(byte[] bytes, int from, int to) {
    long micros = BinaryNumbers.int64(bytes, from, to);
    return isInfinite(micros)
        ? infinity(micros > 0)
        : OffsetDateTime.of(timestamp(micros), ZoneOffset.UTC);
  }

  public static Object instant(byte[] bytes, int from, int to) {
    long micros = BinaryNumbers.int64(bytes, from, to);
    return isInfinite(micros)
        ? infinity(micros > 0)
        : Instant.ofEpochSecond(epochSecond(micros), nanos(micros));
  }

  private static LocalDateTime timestamp(long micros) {
    return LocalDateTime.ofEpochSecond(epochSecond(micros), nanos(micros), ZoneOffset.UTC);
  }

  private static long epochSecond(long micros) {
    long second = Math.floorDiv(micros, MICROS_PER_SECOND) + FIRST_SECOND;
    DateTimeText.requireTimestamp(second);
    return second;
  }

  private static int nanos(long micros) {
    return (int) Math.floorMod(micros, MICROS_PER_SECOND) * NANOS_PER_MICRO;
  }

  private static boolean isInfinite(long micros) {
    return micros == Long.MAX_VALUE || micros == Long.MIN_VALUE;
  }

  /**
   * Reads microseconds, days and months. From Postgres 17 on the infinities have the extreme of all
   * three; before, the value was an ordinary one.
   */
  public static Object interval(byte[] bytes, int from, int to) {
    BinaryNumbers.requireLength(from, to, Long.BYTES + 2 * Integer.BYTES);
    int afterMicros = from + Long.BYTES;
    int afterDays = afterMicros + Integer.BYTES;
    long micros = BinaryNumbers.int64(bytes, from, afterMicros);
    int days = BinaryNumbers.int32(bytes, afterMicros, afterDays);
    int months = BinaryNumbers.int32(bytes, afterDays, to);
    boolean extreme =
        micros > 0
            ? days == Integer.MAX_VALUE && months == Integer.MAX_VALUE
            : days == Integer.MIN_VALUE && months == Integer.MIN_VALUE;
    return extreme && isInfinite(micros)
        ? infinity(micros > 0)
        : new PgInterval(months, days, micros);
  }

  private static NonFinite infinity(boolean positive) {
    return positive ? NonFinite.POSITIVE_INFINITY : NonFinite.NEGATIVE_INFINITY;
  }
}
