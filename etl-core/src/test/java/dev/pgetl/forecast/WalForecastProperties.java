package dev.pgetl.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.random.RandomRuns;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What a forecast is worth, by thousands of slots that are generated. */
class WalForecastProperties {
  private static final double WITHIN = 0.2;
  private static final double VARIES = 0.1;
  private static final double SLOWLY = 0.2;

  /** Held slots that are lost after 2.5 minutes to 12 hours. */
  @Test
  void isRightWithinAFifthAtHalfTime() throws Exception {
    RandomRuns.repeat(
        7_000,
        random -> {
          double seconds = logarithmic(random, 150, 12 * 3600);
          checkAtHalfTime(random, seconds, 0);
        });
  }

  /** Slots that are read, and fall behind all the same. */
  @Test
  void isRightForASlotThatAdvancesTooSlowly() throws Exception {
    RandomRuns.repeat(
        3_000,
        random -> {
          double read = random.nextDouble(0.9);
          double seconds = logarithmic(random, 450 / (1 - read), 12 * 3600);
          checkAtHalfTime(random, seconds, read);
        });
  }

  private static void checkAtHalfTime(RandomGenerator random, double seconds, double read) {
    long limit = (long) logarithmic(random, 512L << 20, 1L << 40);
    double rate = limit / seconds / (1 - read);
    double change = SLOWLY * (2 * random.nextDouble() - 1);
    GeneratedSlot slot = new GeneratedSlot(limit, VARIES, random);
    assertThat(slot.run(24 * 3600, at -> rate * (1 + change * at / seconds), read)).isTrue();

    int half = slot.count() / 2;
    SlotSample sample = slot.until(half).get(slot.until(half).size() - 1);
    double left = slot.second() - sample.time().toEpochMilli() / 1000.0;
    double forecast = seconds(WalForecast.of("s", slot.until(half)).loss());
    assertThat(forecast)
        .as("%s of %s s, limit %s, read %s", half, slot.second(), limit, read)
        .isBetween(left * (1 - WITHIN), left * (1 + WITHIN));
  }

  /** Two intervals at the new rate: then the forecast is nearer to the new rate than to the old. */
  @Test
  void usesTheNearerSlopeTwoSamplesAfterAChange() throws Exception {
    RandomRuns.repeat(
        3_000,
        random -> {
          double before = logarithmic(random, 1 << 10, 1 << 22);
          double factor = logarithmic(random, 0.05, 50);
          int changes = 10 * random.nextInt(6, 300);
          GeneratedSlot slot = new GeneratedSlot(1L << 42, VARIES / 2, random);
          boolean unused = slot.run(changes, at -> before, 0);
          boolean unusedToo = slot.run(20, at -> before * factor, 0);

          double rate = WalForecast.of("s", slot.samples()).bytesPerSecond().orElseThrow();
          double halfWay = before * (1 + factor) / 2;
          if (factor > 1.1) {
            assertThat(rate).as("%s times %s", before, factor).isGreaterThan(halfWay);
          }
          assertThat(rate).isGreaterThan(before * Math.min(1, factor) * (1 - VARIES));
          assertThat(rate).isLessThan(before * Math.max(1, factor) * (1 + VARIES));
        });
  }

  @Test
  void aSlotThatHoldsNoMoreThanBeforeIsNeverLost() throws Exception {
    RandomRuns.repeat(
        1_000,
        random -> {
          double rate = logarithmic(random, 1 << 10, 64 << 20);
          GeneratedSlot slot = new GeneratedSlot(1L << 42, 1, random);
          boolean unused = slot.run(10 * random.nextInt(12, 400), at -> rate, 1);
          Outlook loss = WalForecast.of("s", slot.samples()).loss();
          assertThat(loss.isWithin(Duration.ofHours(2))).as("%s", loss).isFalse();
        });
  }

  private static double seconds(Outlook outlook) {
    return outlook.timeLeft().orElse(Duration.ofDays(9999)).toMillis() / 1000.0;
  }

  private static double logarithmic(RandomGenerator random, double from, double to) {
    return Math.exp(random.nextDouble(Math.log(from), Math.log(to)));
  }
}
