package dev.pgetl.internal.value.text;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Floating-point numbers are read as the JDK reads them, bit by bit. */
class FloatTextProperties {
  @RegisterExtension private static final Seed SEED = Seed.of("values");
  private static final int COUNT = RandomRuns.count("values.count", 50_000);

  @Test
  void readsShortestDecimalsOfRandomBits() {
    SplittableRandom random = new SplittableRandom(SEED.value());
    for (int i = 0; i < COUNT; i++) {
      double number = Double.longBitsToDouble(random.nextLong());
      float small = Float.intBitsToFloat(random.nextInt());
      assertReadsDouble(Double.toString(number));
      assertReadsFloat(Float.toString(small));
    }
  }

  @Test
  void readsRandomDecimals() {
    SplittableRandom random = new SplittableRandom(SEED.value());
    for (int i = 0; i < COUNT; i++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
      text.append(1 + random.nextInt(9)).append('.');
      random.ints(1 + random.nextInt(21), 0, 10).forEach(text::append);
      assertReadsDouble(text + "e" + random.nextInt(-300, 300));
      assertReadsFloat(text + "e" + random.nextInt(-36, 36));
    }
  }

  /**
   * The middle between two neighbours, and the least that is more or less: the hardest there is.
   */
  @Test
  void readsTheMiddleBetweenNeighbours() {
    SplittableRandom random = new SplittableRandom(SEED.value());
    for (int i = 0; i < COUNT / 100; i++) {
      double number = Double.longBitsToDouble(random.nextLong() & 0x7FE7_FFFF_FFFF_FFFFL);
      assertReadsAround(middle(number, Math.nextUp(number)), false);
      float small = Float.intBitsToFloat(random.nextInt() & 0x7F3F_FFFF);
      assertReadsAround(middle(small, Math.nextUp(small)), true);
    }
  }

  private static BigDecimal middle(double low, double high) {
    return new BigDecimal(low).add(new BigDecimal(high)).divide(BigDecimal.valueOf(2));
  }

  private static void assertReadsAround(BigDecimal middle, boolean single) {
    BigDecimal step = middle.ulp();
    for (BigDecimal decimal : new BigDecimal[] {middle, middle.add(step), middle.subtract(step)}) {
      if (single) {
        assertReadsFloat(plain(decimal));
      } else {
        assertReadsDouble(plain(decimal));
      }
    }
  }

  /**
   * Without exponent where {@code BigDecimal} would print {@code 1E+5}: Postgres prints small e.
   */
  private static String plain(BigDecimal decimal) {
    return decimal.unscaledValue() + "e" + -decimal.scale();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "0.0",
        "0e5",
        "1",
        "-1",
        "0.5",
        "9007199254740993",
        "9007199254740992",
        "4.9e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "1.7976931348623157e+308",
        "1.7976931348623158e+308",
        "9223372036854775807",
        "9223372036854775808",
        "9999999999999999999",
        "18446744073709551615",
        "1e22",
        "1e23",
        "8.41e+21",
        "9.5367431640625e-07",
        "6.631236846766476e-316",
        "3.2378839133029012895883e-319",
        "0.000000000000000000000000000000000000000000000000000000000000000001",
        "123456789e-5"
      })
  void readsKnownHardCases(String text) {
    assertReadsDouble(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1754942e-38",
        "1.1754944e-38",
        "1e-45",
        "7.0064924e-46",
        "3.4028235e+38",
        "16777217",
        "1.00000017881393421514957253748434595763683319091796875001",
        "1.00000017881393432617187499",
        "8388609.5",
        "0.1",
        "1.401298464324817e-45",
        "2.1019477e-45"
      })
  void readsKnownHardFloats(String text) {
    assertReadsFloat(text);
  }

  private static void assertReadsDouble(String javaText) {
    String text = javaText.replace('E', 'e').replaceAll("\\.0$", "");
    byte[] bytes = text.getBytes(US_ASCII);
    double expected = Double.parseDouble(text);
    assertThat(Double.doubleToLongBits(FloatText.parseDouble(bytes, 0, bytes.length)))
        .as("%s", text)
        .isEqualTo(Double.doubleToLongBits(expected));
  }

  private static void assertReadsFloat(String javaText) {
    String text = javaText.replace('E', 'e').replaceAll("\\.0$", "");
    byte[] bytes = text.getBytes(US_ASCII);
    float expected = Float.parseFloat(text);
    assertThat(Float.floatToIntBits(FloatText.parseFloat(bytes, 0, bytes.length)))
        .as("%s", text)
        .isEqualTo(Float.floatToIntBits(expected));
  }
}
