package dev.pgetl.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.row.SampleTypes;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.TableSchema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyRangeTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "int8, 9, 11, 8, false",
        "int8, 9, 11, 9, true",
        "int8, 9, 11, 10, true",
        "int8, 9, 11, 11, false",
        "int8, -, 11, -9223372036854775808, true",
        "int8, -, 11, 11, false",
        "int8, 9, -, 9, true",
        "int8, 9, -, 8, false",
        "int8, -, -, 5, true",
        "int8, 9, 9, 9, false",
        "int8, 11, 9, 10, false",
        "numeric, 1.0, 2, 1.00, true",
        "numeric, 1, 2.00, 2.0, false",
        "numeric, 1, -, NaN, true",
        "numeric, 1, NaN, NaN, false",
        "text, '', a, '', true",
        "text, a, b, ab, true",
        "text, a, b, B, false",
        "date, 0044-03-15 BC, infinity, 0044-03-14 BC, false",
        "date, 0044-03-15 BC, infinity, 2026-01-01, true",
        "date, 0044-03-15 BC, infinity, infinity, false",
      })
  void containsTheFirstValueAndNotTheLast(
      String type, @Nullable String from, @Nullable String to, String key, boolean contained) {
    KeyRange range = new KeyRange("c0", from, to);

    assertThat(range.contains(row(type, key))).isEqualTo(contained);
  }

  @Test
  void looksForTheColumnByItsName() {
    TableRow row =
        TableRow.of(
            SampleTypes.table(BuiltinTypes.named("text"), BuiltinTypes.named("int4")), "x", 7);

    assertThat(new KeyRange("c1", "7", "8").contains(row)).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyRange("other", "7", "8").contains(row))
        .withMessageContaining("no column other");
  }

  @Test
  void aTypeWithoutOrderIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyRange("c0", null, null).contains(row("float8", "1")))
        .withMessage("the order of column c0 is unknown");
  }

  @Test
  void aBoundThatIsNoValueIsRefusedWithoutIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyRange("c0", "secret", null).contains(row("int4", "1")))
        .withMessage("a key of type int4 is malformed: expected digits");
  }

  @Test
  void aRowWithoutTheKeyIsRefused() {
    KeyRange all = new KeyRange("c0", null, null);
    TableRow absent = TableRow.of(SampleTypes.table(BuiltinTypes.named("uuid")), TableRow.NOT_SENT);

    assertThatIllegalStateException().isThrownBy(() -> all.contains(absent));
    TableRow nullKey = TableRow.of(SampleTypes.table(BuiltinTypes.named("uuid")), (Object) null);
    assertThatIllegalStateException().isThrownBy(() -> all.contains(nullKey));
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without NullAway may do
  void aColumnHasAName() {
    assertThatNullPointerException().isThrownBy(() -> new KeyRange(null, "1", "2"));
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyRange("", "1", "2"));
  }

  @Test
  void theTextFormShowsNoValue() {
    assertThat(new KeyRange("id", "secret", null))
        .hasToString("KeyRange[column=id, from=redacted, to=unlimited]");
    assertThat(new KeyRange("id", null, "secret"))
        .hasToString("KeyRange[column=id, from=unlimited, to=redacted]");
  }

  @Test
  void equalityIsThatOfTheTexts() {
    assertThat(new KeyRange("id", "1", "2"))
        .isEqualTo(new KeyRange("id", "1", "2"))
        .hasSameHashCodeAs(new KeyRange("id", "1", "2"))
        .isNotEqualTo(new KeyRange("id", "1.0", "2"))
        .isNotEqualTo(new KeyRange("id", "1", null));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 5, 5, 9, false", "1, 5, 4, 9, true", "1, 5, 10, 20, false", "1, 10, 9, 20, true",
    ", 5, 5, , false", ", 5, 4, , true", ", , 1, 2, true", "2, 3, 1, 9, true"
  })
  void overlapsIfAKeyMayLieInBoth(
      @Nullable String from,
      @Nullable String to,
      @Nullable String begin,
      @Nullable String end,
      boolean expected) {
    TableSchema table = row("int4", "1").table();
    KeyRange one = new KeyRange("c0", from, to);
    KeyRange other = new KeyRange("c0", begin, end);

    assertThat(one.overlaps(other, table)).isEqualTo(expected);
    assertThat(other.overlaps(one, table)).isEqualTo(expected);
  }

  private static TableRow row(String type, String text) {
    return SampleTypes.row(BuiltinTypes.named(type), text);
  }
}
