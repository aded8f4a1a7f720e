package dev.pgetl.internal.value.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.row.SampleTypes;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code KeyOrderIT} compares it with servers. */
class KeyOrderTest {
  private static final Set<String> ORDERED =
      Set.of(
          "bytea",
          "date",
          "int2",
          "int4",
          "int8",
          "numeric",
          "oid",
          "text",
          "time",
          "timestamp",
          "timestamptz",
          "uuid",
          "varchar");

  /** Values in the order of Postgres; those with an equals sign between them are equal. */
  @ParameterizedTest
  @CsvSource(
      delimiterString = "|",
      textBlock =
          """
          int2        | -32768 < -1 < 0 < 9 < 10 < 32767
          int4        | -2147483648 < -1 < 0 < 9 < 10 < 2147483647
          int8        | -9223372036854775808 < -1 < 0 < 9 < 10 < 9223372036854775807
          oid         | 0 < 9 < 10 < 2147483647 < 2147483648 < 4294967295
          numeric     | -Infinity < -10 < -9.5 < -0.1 < 0 = 0.00 < 0.01 < 1 = 1.0 = 1.00 < 9 < Infinity < NaN
          numeric     | 12345678901234567890.1 = 12345678901234567890.10 < 12345678901234567890.11
          bytea       | \\x < \\x00 < \\x0000 < \\x01 < \\x7f < \\x7fff < \\x80 < \\xff < \\xff00
          text        | < A < B < a < a. < ab < b < é < \uFFFD < \uFFFF < 🌍
          varchar     | < A < B < a < a. < ab < b < é < \uFFFD < \uFFFF < 🌍
          date        | -infinity < 4714-11-24 BC < 0001-12-31 BC < 0001-01-01 < 10000-01-01 < 5874897-12-31 < infinity
          time        | 00:00:00 < 00:00:00.000001 < 00:00:00.1 < 23:59:59.999999 < 24:00:00
          timestamp   | -infinity < 4714-11-24 00:00:00 BC < 0001-12-31 23:59:59.999999 BC < 0001-01-01 00:00:00
          timestamp   | 1999-12-31 23:59:59.999999 < 2000-01-01 00:00:00 < 294276-12-31 23:59:59.999999 < infinity
          timestamp   | 2026-01-02 03:04:05 < 2026-01-02 03:04:05.4 < 2026-01-02 03:04:05.400001 < 2026-01-02 03:04:05.5
          timestamptz | 2026-01-02 03:04:05+00 < 2026-01-02 03:04:05.4+00 < 2026-01-02 05:04:05.400001+02
          timestamptz | -infinity < 4714-11-24 00:00:00+00 BC < 294276-12-31 23:59:59.999999+00 < infinity
          timestamptz | 2026-01-02 00:00:00+00 = 2026-01-02 05:30:00+05:30 = 2026-01-01 19:03:58-04:56:02
          timestamptz | 4714-11-23 19:03:58-04:56:02 BC = 4714-11-24 00:00:00+00 BC < 4714-11-24 00:00:00-00:00:01 BC
          timestamptz | 294277-01-01 15:59:58.5+15:59:59 = 294276-12-31 23:59:59.5+00 < infinity
          uuid        | 00000000-0000-0000-0000-000000000000 < 7fffffff-ffff-ffff-ffff-ffffffffffff < 80000000-0000-0000-0000-000000000000
          uuid        | 00000000-0000-0000-7fff-ffffffffffff < 00000000-0000-0000-8000-000000000000 < ffffffff-ffff-ffff-ffff-ffffffffffff
          """)
  void keysHaveTheOrderOfPostgres(String type, String ordered) {
    KeyOrder order = order(type);
    List<List<String>> ranks = ranks(ordered);
    for (int i = 0; i < ranks.size(); i++) {
      for (int j = 0; j < ranks.size(); j++) {
        for (String left : ranks.get(i)) {
          for (String right : ranks.get(j)) {
            assertOrder(order.key(left), order.key(right), Integer.compare(i, j));
            assertOrder(cellKey(type, left), order.key(right), Integer.compare(i, j));
          }
        }
      }
    }
  }

  private static List<List<String>> ranks(String ordered) {
    List<List<String>> ranks = new ArrayList<>();
    for (String rank : ordered.split("<", -1)) {
      ranks.add(List.of(rank.strip().split(" = ")));
    }
    return ranks;
  }

  private static void assertOrder(KeyOrder.Key left, KeyOrder.Key right, int expected) {
    assertThat(Integer.signum(left.compareTo(right))).isEqualTo(expected);
    assertThat(left.equals(right)).isEqualTo(expected == 0);
    if (expected == 0) {
      assertThat(left).hasSameHashCodeAs(right);
    }
  }

  @Test
  void noOtherBuiltinTypeHasAnOrder() {
    Set<String> ordered = new TreeSet<>();
    for (PgType type : BuiltinTypes.all()) {
      if (KeyOrder.of(type).isPresent()) {
        ordered.add(type.name());
      }
    }
    assertThat(ordered).isEqualTo(ORDERED);
  }

  @Test
  void aDomainHasTheOrderOfItsBaseType() {
    PgType id = domain(20_000, BuiltinTypes.named("uuid"));

    assertThat(KeyOrder.of(domain(20_001, id))).isPresent();
    assertThat(KeyOrder.of(domain(20_001, BuiltinTypes.named("bpchar")))).isEmpty();
    assertThat(KeyOrder.of(domain(20_001, PgType.unknown(23)))).isEmpty();
  }

  /** A name alone says nothing: every schema may have a type of that name. */
  @Test
  void aTypeOfTheUserHasNoOrder() {
    PgType type = new PgType(20_000, "public", "int8", Kind.BASE, null, ',', List.of());

    assertThat(KeyOrder.of(type)).isEmpty();
  }

  private static PgType domain(long oid, PgType inner) {
    return new PgType(oid, "public", "d" + oid, Kind.DOMAIN, inner, ',', List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "|",
      textBlock =
          """
          int2        | 73731
          int4        | 7373a
          int8        | 9223372036854775808
          oid         | -7373
          numeric     | 7373e7
          bytea       | \\x7373f
          bytea       | 7373
          date        | 7373-02-30
          date        | 5874898-01-01
          date        | 4714-11-23 BC
          time        | 7373:00:00
          timestamp   | 7373-01-01
          timestamp   | 294277-01-01 00:00:00
          timestamptz | 7373-01-01 00:00:00
          uuid        | 7373
          uuid        | 🌍7373
          """)
  void theMessageOfAMalformedTextDoesNotContainIt(String type, String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> order(type).key(text))
        .withMessageStartingWith("a key of type " + type + " is malformed: expected ")
        .withMessageNotContaining(text)
        .withMessageNotContaining("7373")
        .havingCause()
        .withMessageNotContaining("7373");
  }

  @ParameterizedTest
  @ValueSource(strings = {"int4", "numeric", "bytea", "date", "time", "timestamptz", "uuid"})
  void nothingIsNoValue(String type) {
    assertThatIllegalArgumentException().isThrownBy(() -> order(type).key(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "int8"})
  void halfACharacterIsNoValue(String type) {
    assertThatIllegalArgumentException().isThrownBy(() -> order(type).key("7373\uD83C"));
  }

  @ParameterizedTest
  @CsvSource({
    "int8, 7373",
    "numeric, 7373.5",
    "numeric, NaN",
    "bytea, \\x7373",
    "text, 7373",
    "date, 7373-01-01",
    "uuid, 73737373-7373-7373-7373-737373737373"
  })
  void aKeyDoesNotShowItsValue(String type, String text) {
    assertThat(order(type).key(text)).hasToString("Key[redacted]");
    assertThat(new KeyInterval(order(type).key(text), null))
        .hasToString("KeyInterval[from=Key[redacted], to=null]");
  }

  @ParameterizedTest
  @CsvSource({
    "int4, -7, fffffff9",
    "int8, -7, fffffffffffffff9",
    "oid, 4294967289, fffffff9",
    "numeric, 1.50, 000200000000000200011388",
    "numeric, NaN, 00000000c0000000",
    "bytea, \\x00ff, 00ff",
    "text, é, c3a9",
    "date, infinity, 7fffffff",
    "time, 24:00:00, 000000141dd76000",
    "timestamp, 2000-01-01 00:00:01, 00000000000f4240",
    "timestamptz, -infinity, 8000000000000000",
    "uuid, 80000000-0000-0000-0000-000000000001, 80000000000000000000000000000001"
  })
  void aCellInBinaryFormatHasTheKeyOfItsText(String type, String text, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    TableRow row =
        WireRow.of(
            SampleTypes.table(BuiltinTypes.named(type)),
            bytes,
            new int[] {WireRow.BINARY, bytes.length});

    assertOrder(order(type).key(row, 0), order(type).key(text), 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "text", "numeric"})
  void aCellWithoutValueHasNoKey(String type) {
    PgType named = BuiltinTypes.named(type);

    assertThatIllegalStateException()
        .isThrownBy(() -> order(type).key(TableRow.of(SampleTypes.table(named), (Object) null), 0))
        .withMessageContaining("column c0")
        .withMessageContaining("is null");
    TableRow absent = TableRow.of(SampleTypes.table(named), TableRow.NOT_SENT);
    assertThatIllegalStateException()
        .isThrownBy(() -> order(type).key(absent, 0))
        .withMessageContaining("absent");
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "numeric", "uuid"})
  void aMalformedCellIsAnErrorOfItsTable(String type) {
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> cellKey(type, "7373x"))
        .withMessageNotContaining("7373")
        .extracting(EtlException::kind)
        .isEqualTo(ErrorKind.SOURCE_DATA);
  }

  /** A key may be such a number: on disk it has few digits. */
  @Test
  @Timeout(20)
  void aNumberOfManyZerosIsComparedInTime() {
    KeyOrder order = order("numeric");
    String zeros = "0".repeat(131_071);

    assertOrder(order.key("1" + zeros), order.key("1" + zeros + ".0"), 0);
    assertOrder(order.key("1" + zeros), order.key("1" + zeros + ".1"), -1);
  }

  private static KeyOrder.Key cellKey(String type, String text) {
    TableRow row = SampleTypes.row(BuiltinTypes.named(type), text.getBytes(StandardCharsets.UTF_8));
    return order(type).key(row, 0);
  }

  private static KeyOrder order(String type) {
    return KeyOrder.of(BuiltinTypes.named(type)).orElseThrow();
  }
}
