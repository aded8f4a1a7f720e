package dev.pgetl.internal.value.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Floating-point numbers are printed in the fewest digits that the JDK reads as the same number, as
 * near to it as so few can be, and never as the middle between two numbers.
 */
class FloatPrintProperties {
  @RegisterExtension private static final Seed SEED = Seed.of("values");
  private static final int COUNT = RandomRuns.count("values.count", 20_000);

  @Test
  void printsRandomBits() {
    SplittableRandom random = new SplittableRandom(SEED.value());
    for (int i = 0; i < COUNT; i++) {
      assertPrints(Double.longBitsToDouble(random.nextLong()));
      assertPrints(Float.intBitsToFloat(random.nextInt()));
    }
  }

  /** Most numbers in tables have few digits, or are one step beside such a number. */
  @Test
  void printsWhatFewDigitsStandFor() {
    SplittableRandom random = new SplittableRandom(SEED.value());
    for (int i = 0; i < COUNT; i++) {
      double number =
          BigDecimal.valueOf(random.nextLong() >> random.nextInt(63), random.nextInt(-8, 30))
              .doubleValue();
      float small = (float) number;
      assertPrints(number);
      assertPrints(Math.nextUp(number));
      assertPrints(small);
      assertPrints(Math.nextDown(small));
    }
  }

  /** Around a power of two the steps change, around a power of ten the number of digits. */
  @Test
  void printsPowersAndTheirNeighbours() {
    for (int power = -1_074; power < 1_024; power++) {
      double number = Math.scalb(1.0, power);
      Stream.of(number, Math.nextUp(number), Math.nextDown(number))
          .forEach(any -> assertPrints(any));
    }
    for (int power = -149; power < 128; power++) {
      float number = Math.scalb(1.0f, power);
      Stream.of(number, Math.nextUp(number), Math.nextDown(number))
          .forEach(any -> assertPrints(any));
    }
    for (int power = -323; power < 309; power++) {
      double number = Double.parseDouble("1e" + power);
      Stream.of(number, Math.nextUp(number), Math.nextDown(number))
          .forEach(any -> assertPrints(any));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "100000000000000, 100000000000000",
    "999999999999999, 999999999999999",
    "1e15, 1e+15",
    "0.0001, 0.0001",
    "0.00012345, 0.00012345",
    "0.00001, 1e-05",
    "1e23, 9.999999999999999e+22",
    "9007199254740993, 9.007199254740992e+15",
    "2e-323, 2e-323",
    "1.5e300, 1.5e+300",
    "-0.5, -0.5"
  })
  void printsLikePostgres(double number, String text) {
    assertThat(print(FloatCodec.FLOAT8, number)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "999999, 999999",
    "100000, 100000",
    "1e6, 1e+06",
    "0.0001, 0.0001",
    "0.00001, 1e-05",
    "8.5899346e9, 8.589935e+09",
    "16777216, 1.6777216e+07"
  })
  void printsLikePostgres(float number, String text) {
    assertThat(print(FloatCodec.FLOAT4, number)).isEqualTo(text);
  }

  private static void assertPrints(double number) {
    if (Double.isFinite(number) && number != 0) {
      Predicate<BigDecimal> isRead =
          decimal ->
              decimal.doubleValue() == number
                  && isNoMiddle(decimal, number, Math.nextUp(number), Math.nextDown(number));
      assertPrints(number, print(FloatCodec.FLOAT8, number), isRead, 17);
    }
  }

  private static void assertPrints(float number) {
    if (Float.isFinite(number) && number != 0) {
      Predicate<BigDecimal> isRead =
          decimal ->
              decimal.floatValue() == number
                  && isNoMiddle(decimal, number, Math.nextUp(number), Math.nextDown(number));
      assertPrints(number, print(FloatCodec.FLOAT4, number), isRead, 9);
    }
  }

  private static boolean isNoMiddle(BigDecimal decimal, double number, double above, double below) {
    BigDecimal twice = decimal.add(decimal);
    return Stream.of(above, below)
        .filter(Double::isFinite)
        .map(neighbour -> new BigDecimal(neighbour).add(new BigDecimal(number)))
        .noneMatch(sum -> sum.compareTo(twice) == 0);
  }

  private static void assertPrints(
      double number, String text, Predicate<BigDecimal> isRead, int maxDigits) {
    BigDecimal exact = new BigDecimal(number);
    BigDecimal shortest = null;
    for (int digits = 1; shortest == null && digits <= maxDigits; digits++) {
      int scale = exact.scale() - exact.precision() + digits;
      shortest =
          Stream.of(RoundingMode.FLOOR, RoundingMode.CEILING)
              .map(mode -> exact.setScale(scale, mode))
              .filter(isRead)
              .min(
                  Comparator.<BigDecimal, BigDecimal>comparing(
                          decimal -> decimal.subtract(exact).abs())
                      .thenComparing(decimal -> decimal.unscaledValue().testBit(0)))
              .orElse(null);
    }
    assertThat(new BigDecimal(text)).as("%s", exact).isEqualByComparingTo(shortest);
  }

  private static String print(FloatCodec codec, Object number) {
    StringBuilder text = new StringBuilder();
    codec.encode(number, text);
    return text.toString();
  }
}
