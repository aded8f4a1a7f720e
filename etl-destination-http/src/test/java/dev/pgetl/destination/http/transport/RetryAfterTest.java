package dev.pgetl.destination.http.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "120, 120",
    "' 7 ', 7",
    "99999999999999999999, 2147483647",
    "'Fri, 02 Jan 2026 03:05:05 GMT', 60",
    "'Fri, 02 Jan 2026 03:00:00 GMT', 0",
    "'Fri, 2 Jan 2026 03:05:05 GMT', 60",
    "'Friday, 02-Jan-26 03:05:05 GMT', 60",
    "'Saturday, 02-Jan-99 03:05:05 GMT', 0",
    "'Fri Jan  2 03:05:05 2026', 60",
    "'Sat Jan 10 03:04:05 2026', 691200"
  })
  void readsSecondsAndDates(String value, long seconds) {
    assertThat(RetryAfter.parse(value, "", NOW)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @CsvSource({
    "'Fri, 02 Jan 2026 01:00:00 GMT', 4",
    "'Friday, 02-Jan-26 01:00:00 GMT', 4",
    "'Fri, 02 Jan 2026 01:00:05 GMT', 0"
  })
  void countsFromTheReceiversOwnClock(String date, long seconds) {
    assertThat(RetryAfter.parse("Fri, 02 Jan 2026 01:00:04 GMT", date, NOW))
        .isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "soon", "1.5", "Fri, 99 Jan 2026 03:05:05 GMT", "١٢"})
  void ignoresTheRest(String value) {
    assertThat(RetryAfter.parse(value, "", NOW)).isZero();
  }

  @Test
  void doublesTheWaitUpToTheLongest() {
    RetryRules rules =
        new RetryRules(9, Duration.ofMillis(500), Duration.ofSeconds(3), 0.5, Set.of(500));

    assertThat(rules.delayAfter(1, 0)).isEqualTo(Duration.ofMillis(500));
    assertThat(rules.delayAfter(2, 0)).isEqualTo(Duration.ofSeconds(1));
    assertThat(rules.delayAfter(2, 1)).isEqualTo(Duration.ofMillis(1_500));
    assertThat(rules.delayAfter(4, 0)).isEqualTo(Duration.ofSeconds(3));
    assertThat(rules.delayAfter(5_000, 1)).isEqualTo(Duration.ofSeconds(3));
  }
}
