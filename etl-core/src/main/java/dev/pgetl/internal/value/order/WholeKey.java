package dev.pgetl.internal.value.order;

import dev.pgetl.data.SpecialValue.EndOfDay;
import dev.pgetl.data.SpecialValue.NonFinite;
import dev.pgetl.internal.value.ValueCodec;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * A key that is one number. Dates count days. Times and timestamps count microseconds. Timestamps
 * begin at the year 2000, as in Postgres: from 1970 the last years do not fit into 64 bits.
 */
record WholeKey(long number) implements KeyOrder.Key {
  private static final LocalDateTime EPOCH = LocalDateTime.of(2000, 1, 1, 0, 0);
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private static final KeyOrder.Key INFINITY = new WholeKey(Long.MAX_VALUE);
  private static final KeyOrder.Key MINUS_INFINITY = new WholeKey(Long.MIN_VALUE);

  static KeyOrder.Key ofNumber(Object value) {
    if (value instanceof Number whole) {
      return new WholeKey(whole.longValue());
    }
    throw ValueCodec.unfit(value, Number.class);
  }

  static KeyOrder.Key ofDate(Object value) {
    return value instanceof LocalDate date
        ? new WholeKey(date.toEpochDay())
        : infinite(value, LocalDate.class);
  }

  static KeyOrder.Key ofTime(Object value) {
    if (value instanceof LocalTime time) {
      return new WholeKey(LocalTime.MIDNIGHT.until(time, ChronoUnit.MICROS));
    }
    if (value instanceof EndOfDay end && end.offset() == null) {
      return new WholeKey(MICROS_PER_DAY);
    }
    throw ValueCodec.unfit(value, LocalTime.class);
  }

  static KeyOrder.Key ofTimestamp(Object value) {
    return value instanceof LocalDateTime timestamp
        ? new WholeKey(EPOCH.until(timestamp, ChronoUnit.MICROS))
        : infinite(value, LocalDateTime.class);
  }

  static KeyOrder.Key ofTimestampWithZone(Object value) {
    return value instanceof OffsetDateTime timestamp
        ? ofTimestamp(timestamp.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime())
        : infinite(value, OffsetDateTime.class);
  }

  private static KeyOrder.Key infinite(Object value, Class<?> expected) {
    if (value == NonFinite.POSITIVE_INFINITY) {
      return INFINITY;
    }
    if (value == NonFinite.NEGATIVE_INFINITY) {
      return MINUS_INFINITY;
    }
    throw ValueCodec.unfit(value, expected);
  }

  @Override
  public int compareTo(KeyOrder.Key other) {
    return Long.compare(number, ((WholeKey) other).number);
  }

  @Override
  public String toString() {
    return KeyOrder.REDACTED;
  }
}
