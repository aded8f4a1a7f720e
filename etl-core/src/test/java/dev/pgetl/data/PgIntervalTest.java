package dev.pgetl.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PgIntervalTest {

  @ParameterizedTest
  @CsvSource({
    "00:00:00, 0, 0, 0",
    "1 year 1 mon 1 day 00:00:01, 13, 1, 1000000",
    "-1 years -1 mons -1 days -00:00:01, -13, -1, -1000000",
    "-1 mons +1 day, -1, 1, 0",
    "1 mon -1 days +00:00:00.000001, 1, -1, 1",
    "178956970 years 7 mons, 2147483647, 0, 0",
    "-178956970 years -8 mons, -2147483648, 0, 0",
    "-2147483648 days, 0, -2147483648, 0",
    "2562047788:00:54.775807, 0, 0, 9223372036854775807",
    "-2562047788:00:54.775808, 0, 0, -9223372036854775808",
    "100:00:00, 0, 0, 360000000000"
  })
  void readsAndWrites(String text, int months, int days, long microseconds) {
    PgInterval interval = new PgInterval(months, days, microseconds);
    assertThat(PgInterval.parse(text)).isEqualTo(interval);
    assertThat(interval).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2562047788:00:54.775808", "-2562047788:00:54.775809", "178956970 years 8 mons"})
  void refusesWhatDoesNotFit(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> PgInterval.parse(text));
  }
}
