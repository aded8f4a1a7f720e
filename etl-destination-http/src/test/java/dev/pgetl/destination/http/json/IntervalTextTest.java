package dev.pgetl.destination.http.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTextTest {
  @ParameterizedTest
  @CsvSource({
    "1 day 02:03:04,P1DT2H3M4S",
    "1 year 2 mons 3 days 04:05:06.789,P1Y2M3DT4H5M6.789S",
    "-1 years -2 mons +3 days -04:05:06,P-1Y-2M3DT-4H-5M-6S",
    "00:00:00,PT0S",
    "1 mon,P1M",
    "178000000 years,P178000000Y",
    "-178000000 years,P-178000000Y",
    "1 day -00:00:01,P1DT-1S",
    "00:00:00.000001,PT0.000001S",
    "-00:00:00.5,PT-0.5S",
    "100:00:00,PT100H",
    "01:30:00,PT1H30M",
    "00:10:00,PT10M",
    "infinity,infinity",
    "P1D,P1D",
    "'',''"
  })
  void writesEachPartWithItsSign(String postgres, String iso) {
    assertThat(IntervalText.iso(postgres)).isEqualTo(iso);
  }
}
