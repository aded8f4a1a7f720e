package dev.pgetl.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Text Postgres would not print is an error that names the column and keeps the value to itself.
 */
class RejectedValuesTest {

  @ParameterizedTest
  @MethodSource({
    "booleans",
    "wholeNumbers",
    "fractions",
    "binary",
    "dates",
    "times",
    "timestamps",
    "intervals",
    "networks",
    "arrays",
    "composites",
    "ranges",
    "hstores"
  })
  void rejects(String type, String text) {
    TableRow row = SampleTypes.row(SampleTypes.of(type), text);
    EtlException failure = catchThrowableOfType(EtlException.class, () -> row.get(0));
    assertThat(failure).as("%s of text '%s'", type, text).isNotNull();
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
    assertThat(failure.retry()).isEqualTo(RetryDirective.MANUAL);
    assertThat(failure.tableOid()).hasValue(4_711);
    assertThat(failure)
        .hasMessageStartingWith(
            "decode column c0 (" + row.table().column(0).type() + ") of table public.samples")
        .hasNoCause();
    assertThat(row.text(0)).isEqualTo(text);
  }

  @Test
  void neverShowsTheValue() {
    String secret = "4929-1234-5678-9012";
    for (String type : new String[] {"int8", "numeric", "date", "uuid", "inet", "int4[]", "addr"}) {
      TableRow row = SampleTypes.row(SampleTypes.of(type), secret);
      EtlException failure = catchThrowableOfType(EtlException.class, () -> row.get(0));
      assertThat(failure.toString()).doesNotContain(secret, "4929");
      assertThat(row.toString()).doesNotContain(secret, "4929");
    }
  }

  /** Postgres 14 sends a {@code "char"} that is not ASCII as that byte. */
  @Test
  void printsAByteThatIsNoCharacter() {
    TableRow row = SampleTypes.row(SampleTypes.of("\"char\""), new byte[] {(byte) 0xC4});
    TableRow printed = SampleTypes.row(SampleTypes.of("\"char\""), "\\304");

    assertThat(row.get(0)).isEqualTo(printed.get(0)).isEqualTo("\\304");
    assertThat(row.text(0)).isEqualTo(printed.text(0)).isEqualTo("\\304");
    assertThat(row.textBytes(0)).isEqualTo(printed.textBytes(0));
  }

  @Test
  void rejectsTextThatIsNotUtf8() {
    byte[][] texts = {{(byte) 0xC3}, {'a', (byte) 0xFF}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80}};
    for (byte[] text : texts) {
      TableRow row = SampleTypes.row(SampleTypes.of("text"), text);
      EtlException failure = catchThrowableOfType(EtlException.class, () -> row.text(0));
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
      assertThat(catchThrowableOfType(EtlException.class, () -> row.get(0))).isNotNull();
    }
  }

  @Test
  void acceptsTheReplacementCharacterItself() {
    assertThat(SampleTypes.row(SampleTypes.of("text"), "a\uFFFDb").get(0)).isEqualTo("a\uFFFDb");
  }

  static Stream<Arguments> booleans() {
    return all("bool", "", "true", "false", "T", "1", "0", "tt", " t", "yes");
  }

  static Stream<Arguments> wholeNumbers() {
    return Stream.of(
            all("int2", "", "-", "+", "+1", " 1", "1 ", "1.0", "1e3", "32768", "-32769", "0x1"),
            all("int4", "2147483648", "-2147483649", "1_000", "NaN", "١"),
            all("int8", "9223372036854775808", "-9223372036854775809", "99999999999999999999"),
            all("int8", "18446744073709551616", "--1", "9999999999999999999", "-", "1-"),
            all("oid", "-1", "4294967296", ""),
            all("xid8", "-1", "18446744073709551616", "", "1.0", "000000000000000000001"))
        .flatMap(cases -> cases);
  }

  static Stream<Arguments> fractions() {
    return Stream.of(
            all("numeric", "", ".", "-", "1e", "_", "1_0", "1.2.3", "1e5", "1e999999999", "+1"),
            all("numeric", "1.", ".5", " 1", "nan", "inf", "infinity", "-NaN", "0x10"),
            all("numeric", "1".repeat(131_073), "0." + "1".repeat(16_384)),
            all("float8", "", "-", ".", "1e", "1e+", "e1", "1.e5", "1..0", "1d", "0x1p3", " 1"),
            all("float8", "1e309", "-1e309", "1e-400", "nan", "inf", "-NaN", "1e123456", "+1"),
            all("float8", "1" + "0".repeat(400), "Infinity ", "infinity"),
            all("float4", "3.5e38", "-3.5e38", "1e-46", "1f", "", "3.4028236e+38"))
        .flatMap(cases -> cases);
  }

  static Stream<Arguments> binary() {
    return Stream.of(
            all("bytea", "", "\\", "\\x0", "\\x0g", "00ff", "\\000\\377A", "\\X00", "\\x00 "),
            all(
                "uuid",
                "",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
                "a0eebc999c0b4ef8bb6d6bb9bd380a11"),
            all(
                "uuid",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g",
                "a0eebc99-9c0b-4ef8-bb6d_6bb9bd380a11"),
            all(
                "uuid",
                "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1}",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111"),
            all("pg_lsn", "", "/", "0/", "/0", "0", "123456789/0", "0/123456789", "0/g", "0/0/0"))
        .flatMap(cases -> cases);
  }

  static Stream<Arguments> dates() {
    return all(
        "date",
        "",
        "2026-13-01",
        "2026-00-01",
        "2026-02-30",
        "2025-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-01-00",
        "2026-1-2",
        "26-01-02",
        "2026/01/02",
        "2026-01-02 ",
        "2026-01-02 AD",
        "0000-01-01",
        "-2026-01-01",
        "02/01/2026",
        "Infinity",
        "+infinity",
        " BC",
        "20260102",
        "12345678-01-01");
  }

  static Stream<Arguments> times() {
    return Stream.of(
            all("time", "", "24:00:01", "24:00:00.1", "12:61:00", "12:00:61", "12:00:00.", "12:00"),
            all("time", "1:00:00", "12-00-00", "12:00:00.1234567", "25:00:00", "12:00:00+00"),
            all(
                "timetz",
                "",
                "12:00:00",
                "12:00:00+16",
                "12:00:00+15:60",
                "12:00:00+1",
                "24:00:00"),
            all("timetz", "12:00:00+00:00:60", "12:00:00Z", "12:00:00+0530", "24:00:01+00"),
            all("timetz", "24:00:00+99", "24:00:00.0+00", "12:00:00+", "12:00:00+05:30:00:00"))
        .flatMap(cases -> cases);
  }

  static Stream<Arguments> timestamps() {
    return Stream.of(
            all(
                "timestamp",
                "",
                "2026-01-02",
                "2026-01-02T03:04:05",
                "2026-01-02 03:04",
                "2026-01-02 "),
            all("timestamp", "2026-01-02 24:00:00", "2026-02-30 00:00:00", "2026-01-02 03:04:05."),
            all(
                "timestamp",
                "2026-01-02 03:04:05+00",
                "2026-01-02  03:04:05",
                "0000-01-01 00:00:00"),
            all(
                "timestamptz",
                "2026-01-02 03:04:05",
                "2026-01-02 03:04:05 IST",
                "2026-01-02 03:04:05Z"),
            all(
                "timestamptz",
                "2026-01-02 03:04:05+16",
                "2026-01-02 03:04:05 BC+00",
                "infinity+00"))
        .flatMap(cases -> cases);
  }

  static Stream<Arguments> intervals() {
    return Stream.of(
            all("interval", "", "P1D", "@ 1 day", "1 day ago", "1 days 2 mons", "1 day 1 day", "1"),
            all("interval", "1 week", "01:00", "1:00:00", "00:60:00", "00:00:60", "00:00:00."),
            all("interval", "00:00:00.1234567", "2147483648 days", "178956971 years", "1  day"),
            all("interval", "2562047789:00:00", "00:00:00 1 day", "1.5 days", " 1 day", "- day"))
        .flatMap(cases -> cases);
  }

  static Stream<Arguments> networks() {
    return Stream.of(
            all("inet", "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4/33", "1.2.3.4/", "1.2.3.x"),
            all("inet", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1/129"),
            all("inet", "1:2:3:4:5:6:7::8", "g::", "12345::", "::1.2.3", "1.2.3.4::", "localhost"),
            all("cidr", "1.2.3.4/-1", "1.2.3.4 /8", "1.2.3.4/8/8", "/8"))
        .flatMap(cases -> cases);
  }

  static Stream<Arguments> arrays() {
    return Stream.of(
            all(
                "int4[]", "", "{", "}", "1,2", "{1,2", "1,2}", "{1,2}}", "{{1,2}", "{1,2}x",
                "{1,2} "),
            all(
                "int4[]",
                "{,}",
                "{1,}",
                "{,1}",
                "{1,,2}",
                "{\"1}",
                "{\"1\\",
                "{\"1\\\"}",
                "{\"1\"2}"),
            all("int4[]", "[0:1]{1,2}", "[0:1]=", "[:1]={1,2}", "[0:]={1}", "[a:b]={1}", "[0]={1}"),
            all("int4[]", "[0:2]={1,2}", "[1:0]={}", "[1:1][1:1]={1}", "[1:1]={{1}}", "[0:1={1,2}"),
            all("int4[]", "{{1,2},{3}}", "{{1},2}", "{1,{2}}", "{{{1}},{2}}", "{{}}", "{{1},NULL}"),
            all("int4[]", "{{{{{{{1}}}}}}}", "{".repeat(1_000_000), "[1:1]".repeat(7) + "={1}"),
            all("int4[]", "[1:2147483648]={1}", "[-2147483648:2147483647]={1}", "{a}", "{1;2}"),
            all("text[]", "{a\\,b}", "{a\"b\"}", "{\"a\"b}", "{a{b}", "{\"a\"\"b\"}", "{a}b{c}"),
            all("box[]", "{(1,1),(0,0);}", "{(1,1),(0,0)};"))
        .flatMap(cases -> cases);
  }

  static Stream<Arguments> composites() {
    return all(
        "addr",
        "",
        "(",
        ")",
        "a,b,1",
        "(a,b,1",
        "(a,b,1)x",
        "(a,b,1))",
        "(\"a,b,1)",
        "(\"a\"b,c,1)",
        "(a\"b\",c,1)",
        "(a\\,b,c,1)",
        "(a(b,c,1)",
        "(\"a\\");
  }

  static Stream<Arguments> ranges() {
    return Stream.of(
            all(
                "int4range",
                "",
                "[",
                "[1",
                "[1,",
                "[1,2",
                "1,2)",
                "[1,2,3)",
                "[1,2)x",
                "[,2)",
                "(1,]"),
            all(
                "int4range",
                "(\"1,2)",
                "[1)",
                "empty ",
                "Empty",
                "emptyempty",
                "[a,b)",
                "[\"\",1)"),
            all("tsrange", "[2026-01-01,2026-01-02)", "[(,)", "[\"2026-01-01 00:00:00,)"),
            all(
                "int4multirange",
                "",
                "{",
                "[1,2)",
                "{[1,2)",
                "{[1,2),}",
                "{empty}",
                "{[1,2)[3,4)}"),
            all("int4multirange", "{[1,2)}}", "{,}", "{[1,2)} "))
        .flatMap(cases -> cases);
  }

  static Stream<Arguments> hstores() {
    return all(
        "hstore",
        "a=>1",
        "\"a\"",
        "\"a\"=>",
        "\"a\"=>\"1\",",
        "\"a\"=>\"1\", ",
        "\"a\"=>\"1\",\"b\"=>\"2\"",
        "\"a\"=>\"1\" ",
        "\"a\"=>\"1",
        "\"a\"=>null",
        "\"a\"=>NULLx",
        "\"a\"=>\"1\", \"a\"=>\"2\"",
        "\"a\"=\"1\"",
        "\"a\"=>\"1\\");
  }

  private static Stream<Arguments> all(String type, String... texts) {
    return Stream.of(texts).map(text -> arguments(type, text));
  }
}
