package dev.pgetl.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {
  private static final Lsn LARGEST = new Lsn(-1);

  @ParameterizedTest
  @CsvSource({
    "0/0, 0",
    "0/16B3748, 23803720",
    "16/B374D848, 97500059720",
    "1/0, 4294967296",
    "FFFFFFFF/FFFFFFFF, -1"
  })
  void readsAndPrintsWhatPostgresPrints(String text, long value) {
    assertThat(Lsn.parse(text)).isEqualTo(new Lsn(value));
    assertThat(new Lsn(value)).hasToString(text);
  }

  @Test
  void readsSmallLettersAndLeadingZeros() {
    assertThat(Lsn.parse("00000016/b374d848")).isEqualTo(Lsn.parse("16/B374D848"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "0",
        "0/",
        "/0",
        "0/0/0",
        "-1/0",
        "0/-1",
        "-0/0",
        "+0/0",
        "0/+1",
        "G/0",
        "0/ 1",
        "123456789/0",
        "0/123456789",
        "0x0/0",
        "\uFF11/0"
      })
  void refusesEverythingElseWithoutRepeatingIt(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lsn.parse(text))
        .withMessageStartingWith("not an LSN: expected two hexadecimal halves");
  }

  @Test
  void comparesUnsigned() {
    assertThat(
            Stream.of(LARGEST, new Lsn(Long.MIN_VALUE), new Lsn(Long.MAX_VALUE), Lsn.ZERO).sorted())
        .containsExactly(Lsn.ZERO, new Lsn(Long.MAX_VALUE), new Lsn(Long.MIN_VALUE), LARGEST);
    assertThat(LARGEST.isAfter(Lsn.ZERO)).isTrue();
    assertThat(Lsn.ZERO.isBefore(LARGEST)).isTrue();
    assertThat(Lsn.ZERO.isAfter(LARGEST)).isFalse();
    assertThat(Lsn.max(LARGEST, Lsn.ZERO)).isSameAs(LARGEST);
    assertThat(Lsn.max(Lsn.ZERO, LARGEST)).isSameAs(LARGEST);
  }

  @Test
  void isNeitherBeforeNorAfterItself() {
    assertThat(LARGEST.isAfter(new Lsn(-1))).isFalse();
    assertThat(LARGEST.isBefore(new Lsn(-1))).isFalse();
  }

  @Test
  void movesByBytes() {
    assertThat(new Lsn(0xFFFFFFFFL).plus(1)).isEqualTo(Lsn.parse("1/0"));
    assertThat(Lsn.parse("1/0").plus(-1)).isEqualTo(Lsn.parse("0/FFFFFFFF"));
  }

  @Test
  void countsTheBytesInBetween() {
    assertThat(Lsn.parse("1/10").bytesSince(Lsn.parse("0/FFFFFFF0"))).isEqualTo(32);
    assertThat(Lsn.ZERO.bytesSince(LARGEST)).isZero();
    assertThat(LARGEST.bytesSince(LARGEST)).isZero();
  }
}
