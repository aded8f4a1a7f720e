package dev.pgetl.internal.capture.facts;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddedValuesTest {
  private static boolean filled(
      long type, @Nullable String expression, @Nullable String kept, boolean computed) {
    return AddedValues.of(type, expression, kept, computed).filled();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "23 | 5 | 5",
        "23 | '-5'::integer | -5",
        "16 | true | t",
        "16 | false | f",
        "25 | 'it''s'::text | it's",
        "1042 | 'a'::bpchar | \"a  \"",
        "1700 | 0 | 0.00",
        "1700 | 1.005 | 1.01",
        "701 | 5.0 | 5",
        "790 | 0 | $0.00",
        "790 | '$1,000.50'::money | $1,000.50",
        "790 | '1000.5'::money | 1.000,50 EUR",
        "790 | '-$5.00'::money | ($5.00)",
        "3802 | '{}'::jsonb | {}"
      })
  void rowsHaveTheConstantThatTheVersionCarries(long type, String expression, String kept) {
    assertThat(filled(type, expression, kept, false)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "23 | 6 | 5 | false",
        "25 | '1.0'::text | 1 | false",
        "790 | '$6.00'::money | $5.00 | false",
        "790 | '$5.00'::money | -$5.00 | false",
        "790 | '$1,000.00'::money | $1.00 | false",
        "25 | 'a '::text | a | false",
        "16 | true | f | false",
        "23 | | 5 | false",
        "1184 | now() | 2026-01-01 | false",
        "701 | random() | | false",
        "23 | 5 | | false",
        "23 | | | true"
      })
  void rowsMayHaveAnythingElse(
      long type, @Nullable String expression, @Nullable String kept, boolean computed) {
    assertThat(filled(type, expression, kept, computed)).isTrue();
  }

  @Test
  void withoutADefaultTheyHaveNone() {
    assertThat(filled(23, null, null, false)).isFalse();
  }
}
