package dev.pgetl.it.values;

import dev.pgetl.data.PgInterval;
import dev.pgetl.data.SpecialValue.EndOfDay;
import dev.pgetl.data.SpecialValue.NonFinite;
import dev.pgetl.it.values.RandomType.Text;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.random.RandomGenerator;

/** Dates and times of all the centuries Postgres knows. */
final class RandomTimes {
  private static final LocalDate FIRST = LocalDate.of(-4712, 1, 1);
  private static final LocalDate LAST_DATE = LocalDate.of(5_874_897, 12, 31);
  private static final LocalDate LAST_TIMESTAMP = LocalDate.of(294_276, 12, 31);
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private RandomTimes() {}

  static Text date(RandomGenerator random) {
    if (random.nextInt(10) == 0) {
      return infinite(random);
    }
    LocalDate date = day(random, LAST_DATE);
    return new Text(date, yearOfEra(date) + monthAndDay(date) + era(date));
  }

  static Text timestamp(RandomGenerator random) {
    if (random.nextInt(10) == 0) {
      return infinite(random);
    }
    LocalDate date = day(random, LAST_TIMESTAMP);
    LocalTime time = localTime(random);
    return new Text(
        date.atTime(time), yearOfEra(date) + monthAndDay(date) + " " + time + era(date));
  }

  static Text timestamptz(RandomGenerator random) {
    if (random.nextInt(10) == 0) {
      return infinite(random);
    }
    LocalDate date = day(random, LAST_TIMESTAMP);
    LocalTime time = localTime(random);
    return new Text(
        date.atTime(time).atOffset(ZoneOffset.UTC),
        yearOfEra(date) + monthAndDay(date) + " " + time + "+00" + era(date));
  }

  static Text time(RandomGenerator random) {
    return random.nextInt(10) == 0
        ? new Text(new EndOfDay(null), "24:00:00")
        : Text.of(localTime(random));
  }

  static Text timetz(RandomGenerator random) {
    ZoneOffset offset = ZoneOffset.ofTotalSeconds(random.nextInt(-57_599, 57_600));
    return random.nextInt(10) == 0
        ? new Text(new EndOfDay(offset), "24:00:00" + offset)
        : Text.of(localTime(random).atOffset(offset));
  }

  /** Three numbers with signs of their own; older servers do not read more than 2^31 hours. */
  static Text interval(RandomGenerator random, boolean infinite) {
    if (infinite && random.nextInt(10) == 0) {
      return infinite(random);
    }
    int months = random.nextInt() >> random.nextInt(1, 32);
    int days = random.nextInt() >> random.nextInt(32);
    long micros = random.nextLong() >> random.nextInt(1, 64);
    long seconds = Math.abs(micros) / 1_000_000;
    return new Text(
        new PgInterval(months, days, micros),
        "%d mons %d days %s%d:%02d:%02d.%06d"
            .formatted(
                months,
                days,
                micros < 0 ? "-" : "+",
                seconds / 3600,
                seconds / 60 % 60,
                seconds % 60,
                Math.abs(micros) % 1_000_000));
  }

  private static Text infinite(RandomGenerator random) {
    return RandomScalars.nonFinite(
        random.nextBoolean() ? NonFinite.POSITIVE_INFINITY : NonFinite.NEGATIVE_INFINITY);
  }

  /** Half of them from our own time. */
  private static LocalDate day(RandomGenerator random, LocalDate last) {
    return random.nextBoolean()
        ? LocalDate.of(1900, 1, 1).plusDays(random.nextInt(73_000))
        : FIRST.plusDays(random.nextLong(ChronoUnit.DAYS.between(FIRST, last) + 1));
  }

  private static LocalTime localTime(RandomGenerator random) {
    long micros = random.nextLong(MICROS_PER_DAY);
    return LocalTime.ofNanoOfDay(
        (random.nextBoolean() ? micros : micros / 100_000 * 100_000) * 1000);
  }

  private static String yearOfEra(LocalDate date) {
    return "%04d".formatted(date.getYear() > 0 ? date.getYear() : 1 - date.getYear());
  }

  private static String monthAndDay(LocalDate date) {
    return "-%02d-%02d".formatted(date.getMonthValue(), date.getDayOfMonth());
  }

  private static String era(LocalDate date) {
    return date.getYear() > 0 ? "" : " BC";
  }
}
