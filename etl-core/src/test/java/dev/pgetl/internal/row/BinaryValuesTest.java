package dev.pgetl.internal.row;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Kind;
import dev.pgetl.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A cell in binary format is the cell Postgres prints, whichever way it is read. */
class BinaryValuesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      emptyValue = "",
      textBlock =
          """
          bool | 00 | f
          bool | 01 | t
          int2 | 8000 | -32768
          int4 | 7fffffff | 2147483647
          int4 | ffffffff | -1
          int8 | 8000000000000000 | -9223372036854775808
          oid | ffffffff | 4294967295
          xid | 80000000 | 2147483648
          cid | 00000001 | 1
          xid8 | ffffffffffffffff | 18446744073709551615
          pg_lsn | 00000016b3748000 | 16/B3748000
          float4 | 3dcccccd | 0.1
          float4 | 80000000 | -0
          float4 | 7f800000 | Infinity
          float4 | 7fa00000 | NaN
          float4 | 49742400 | 1e+06
          float4 | 47c35000 | 100000
          float4 | 3727c5ac | 1e-05
          float4 | 38d1b717 | 0.0001
          float8 | 3fb999999999999a | 0.1
          float8 | 8000000000000000 | -0
          float8 | fff0000000000000 | -Infinity
          float8 | fff8000000000001 | NaN
          float8 | 0000000000000001 | 5e-324
          float8 | 430c6bf526340000 | 1e+15
          float8 | 42d6bcc41e900000 | 100000000000000
          float8 | 3ee4f8b588e368f1 | 1e-05
          float8 | 44b52d02c7e14af6 | 9.999999999999999e+22
          numeric | 0000000000000000 | 0
          numeric | 0000000000000002 | 0.00
          numeric | 000200000000000204d20d48 | 1234.34
          numeric | 00010001400000000001 | -10000
          numeric | 0001ffff000000040001 | 0.0001
          numeric | 0001fffe000000080001 | 0.00000001
          numeric | 0001fffe0000000a0001 | 0.0000000100
          numeric | 0003000100000003000104d20d48 | 11234.340
          numeric | 00000000c0000000 | NaN
          numeric | 00000000d0000020 | Infinity
          numeric | 00000000f0000020 | -Infinity
          numeric | 000500040000000000010002000300040005 | 10002000300040005
          numeric | 00050004400000120001000200030004000f | -10002000300040015.000000000000000000
          text | 68c3a9 | hé
          varchar | 61 | a
          bpchar | 612020 | `a  `
          name | 61 | a
          json | 7b7d | {}
          xml | 3c612f3e | <a/>
          mood | 736164 | sad
          jsonb | 017b7d | {}
          jsonpath | 0124 | $
          "char" | 78 | x
          "char" | ff | \\377
          bytea | 00ff | \\x00ff
          uuid | a0eebc999c0b4ef8bb6d6bb9bd380a11 | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
          macaddr | 08002b010203 | 08:00:2b:01:02:03
          macaddr8 | 08002b0102030405 | 08:00:2b:01:02:03:04:05
          inet | 02200004c0000201 | 192.0.2.1
          inet | 02180004c0000201 | 192.0.2.1/24
          cidr | 02180104c0000200 | 192.0.2.0/24
          inet | 0380001000000000000000000000000000000001 | ::1
          bit | 00000003a0 | 101
          varbit | 00000009ff80 | 111111111
          date | 00000000 | 2000-01-01
          date | 7fffffff | infinity
          date | 80000000 | -infinity
          date | ffda97a7 | 4714-11-24 BC
          date | 7fda970c | 5874897-12-31
          time | 0000000000000000 | 00:00:00
          time | 000000141dd75fff | 23:59:59.999999
          time | 000000141dd76000 | 24:00:00
          timetz | 0000000000000000ffffe3e0 | 00:00:00+02
          timetz | 000000141dd7600000004d58 | 24:00:00-05:30
          timestamp | 0000000000000001 | 2000-01-01 00:00:00.000001
          timestamp | ffffffffffffffff | 1999-12-31 23:59:59.999999
          timestamp | 7fffffffffffffff | infinity
          timestamptz | 0000000000000000 | 2000-01-01 00:00:00+00
          timestamptz | 8000000000000000 | -infinity
          interval | 00000000000000010000000200000003 | 3 mons 2 days 00:00:00.000001
          interval | 7fffffffffffffff7fffffff7fffffff | infinity
          interval | 80000000000000008000000080000000 | -infinity
          posint | 00000005 | 5
          """)
  void isReadAsItsText(String type, String hex, String text) {
    assertSame(SampleTypes.of(type), hex, text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          int4[] | 00000000 00000000 00000017 | {}
          int4[] | 00000001 00000001 00000017 00000002 00000001 00000004 00000007 ffffffff | {7,NULL}
          int4[] | 00000001 00000000 00000017 00000001 fffffffd 00000004 00000007 | [-3:-3]={7}
          int4[] | 00000002 00000000 00000017 00000001 00000001 00000002 00000001 00000004 00000001 00000004 00000002 | {{1,2}}
          text[] | 00000001 00000000 00000019 00000002 00000001 00000004 4e554c4c 00000000 | {"NULL",""}
          text[] | 00000001 00000000 00000019 00000001 00000001 00000004 2c225c20 | {",\\"\\\\ "}
          jsonb[] | 00000001 00000000 00000eda 00000001 00000001 00000003 017b7d | {"{}"}
          posint[] | 00000001 00000000 00004e24 00000001 00000001 00000004 00000007 | {7}
          posint_arr_dom | 00000001 00000000 00000017 00000001 00000001 00000004 00000007 | {7}
          int4range | 01 | empty
          int4range | 18 | (,)
          int4range | 02 00000004 00000001 00000004 00000005 | [1,5)
          int4range | 14 00000004 00000001 | !
          int4range | 12 00000004 00000001 | [1,)
          daterange | 0a | !
          tsrange | 0c 00000008 0000000000000000 | (,"2000-01-01 00:00:00"]
          int4multirange | 00000000 | {}
          int4multirange | 00000001 00000005 12 00000000 | !
          int4multirange | 00000001 00000009 12 00000004 00000001 | {[1,)}
          floatrange | 06 00000008 3ff8000000000000 00000008 4004000000000000 | [1.5,2.5]
          """)
  void isReadAsItsParts(String type, String hex, String text) {
    if (text.equals("!")) {
      assertRejected(type, hex);
    } else {
      assertSame(SampleTypes.of(type), hex.replace(" ", ""), text);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bool, 02",
    "bool, 0001",
    "bool, ''",
    "int2, 00000001",
    "int4, 0001",
    "int8, 00000001",
    "float8, 00000001",
    "numeric, 00000000",
    "numeric, 0001000000000000",
    "numeric, 00010000000000002710",
    "numeric, 00010000000000008000",
    "numeric, 0000000080000000",
    "numeric, 00010000c00000000001",
    "numeric, 0001000000004000 0001",
    "numeric, ffff000000000000",
    "uuid, 00",
    "date, 7ffffffe",
    "date, 80000001",
    "time, ffffffffffffffff",
    "time, 000000141dd76001",
    "timetz, 0000000000000000 0000e100",
    "timetz, 0000000000000000 80000000",
    "timestamp, 7ffffffffffffffe",
    "timestamptz, 8000000000000001",
    "interval, 00000000000000000000000000",
    "inet, 02200004c00002",
    "inet, 02210004c0000201",
    "inet, 03200004c0000201",
    "inet, 022000",
    "macaddr, 0001",
    "macaddr8, 000102030405",
    "bit, 000000",
    "bit, 7fffffff00",
    "varbit, ffffffff",
    "'\"char\"', 6162",
    "text, ff",
    "mood, c3",
    "jsonb, ''",
    "jsonb, 027b7d",
    "jsonb, 01ff",
    "int4[], 00000007 00000000 00000017",
    "int4[], ffffffff 00000000 00000017",
    "int4[], 00000000 00000002 00000017",
    "int4[], 00000000 00000000 00000014",
    "int4[], 00000000 00000000 00000017 00",
    "int4[], 00000001 00000000 00000017 00000000 00000001",
    "int4[], 00000001 00000000 00000017 7fffffff 00000001 ffffffff",
    "int4[], 00000002 00000000 00000017 00010000 00000001 7fffffff 00000001 ffffffff",
    "int4[], 00000001 00000000 00000017 00000001 7fffffff 00000004 00000007 00",
    "int4[], 00000001 00000000 00000017 00000001 00000001 7fffffff",
    "int4[], 00000001 00000000 00000017 00000001 00000001 fffffffe",
    "int4range, ''",
    "int4range, 0100",
    "int4range, 02 00000004 00000001 ffffffff",
    "int4multirange, ffffffff",
    "int4multirange, 7fffffff",
    "int4multirange, 00000001 ffffffff"
  })
  void isRejected(String type, String hex) {
    assertRejected(type, hex);
  }

  private static void assertRejected(String type, String hex) {
    TableRow row = one(type, hex);
    TableRow again = one(type, hex);
    for (ThrowingCallable getter :
        List.<ThrowingCallable>of(() -> row.get(0), () -> row.text(0), row::toMap)) {
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(getter)
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA))
          .satisfies(e -> assertThat(e.tableOid()).hasValue(4_711))
          .withMessageStartingWith("decode column c0 (");
    }
    assertThat(row).isEqualTo(again).hasSameHashCodeAs(again);
    assertThat(row).isNotEqualTo(TableRow.of(row.table(), TableRow.NOT_SENT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "money",
        "tsvector",
        "regclass",
        "int2vector",
        "point",
        "box[]",
        "citext",
        "email",
        "hstore",
        "addr",
        "addr[]",
        "ltree",
        "aclitem"
      })
  void leavesOtherTypesToText(String type) {
    PgType other = SampleTypes.of(type);
    assertThat(WireRow.readsBinary(SampleTypes.table(other))).isFalse();
    assertThat(WireRow.readsBinary(SampleTypes.table(SampleTypes.of("int4"), other))).isFalse();
    TableRow row = row(other, new byte[] {0, 0, 0, 0});
    assertThatExceptionOfType(EtlException.class).isThrownBy(() -> row.text(0));
    assertThatExceptionOfType(EtlException.class).isThrownBy(() -> row.get(0));
  }

  @Test
  void leavesTypesNobodyKnowsToText() {
    PgType unknown = PgType.unknown(20_999);
    for (PgType type :
        List.of(
            unknown,
            SampleTypes.user(20_998, "d", Kind.DOMAIN, unknown),
            SampleTypes.user(20_997, "r", Kind.RANGE, null),
            SampleTypes.user(20_996, "a", Kind.ARRAY, null))) {
      assertThat(WireRow.readsBinary(SampleTypes.table(type))).isFalse();
    }
  }

  @Test
  void hasEveryGetter() {
    assertThat(one("bool", "01").getBoolean(0)).isTrue();
    assertThat(one("int2", "8000").getShort(0)).isEqualTo(Short.MIN_VALUE);
    assertThat(one("int2", "8000").getLong(0)).isEqualTo(Short.MIN_VALUE);
    assertThat(one("int4", "80000000").getInt(0)).isEqualTo(Integer.MIN_VALUE);
    assertThat(one("oid", "80000000").getLong(0)).isEqualTo(0x8000_0000L);
    assertThat(one("int8", "8000000000000000").getLong(0)).isEqualTo(Long.MIN_VALUE);
    assertThat(one("float4", "3dcccccd").getFloat(0)).isEqualTo(0.1f);
    assertThat(one("float4", "3dcccccd").getDouble(0)).isEqualTo((double) 0.1f);
    assertThat(one("float8", "3fb999999999999a").getDouble(0)).isEqualTo(0.1);
    assertThat(Double.doubleToRawLongBits(one("float8", "fff8000000000001").getDouble(0)))
        .isEqualTo(Double.doubleToRawLongBits(Double.NaN));
    assertThat(one("bytea", "00ff").getBytes(0)).containsExactly(0, -1);
    assertThat(one("timestamptz", "0000000000000001").getInstant(0))
        .isEqualTo(Instant.parse("2000-01-01T00:00:00.000001Z"));
    assertThat(one("numeric", "0000000000000002").getBigDecimal(0)).isEqualTo("0.00");
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> one("timestamptz", "7fffffffffffffff").getInstant(0));
    assertThatIllegalArgumentException().isThrownBy(() -> one("int8", "00").getInt(0));
    assertThatExceptionOfType(EtlException.class).isThrownBy(() -> one("int8", "00").getLong(0));
  }

  /** The flag means nothing where there is no value. */
  @Test
  void mixesFormatsInOneRow() {
    TableSchema table =
        SampleTypes.table(
            SampleTypes.of("int4"),
            SampleTypes.of("int4"),
            SampleTypes.of("text"),
            SampleTypes.of("text"));
    TableRow row =
        WireRow.of(
            table,
            new byte[] {0, 0, 0, '5'},
            new int[] {WireRow.BINARY, 4, 3, 1, WireRow.BINARY, WireRow.NULL, WireRow.BINARY, -2});
    TableRow same = TableRow.of(table, 53, 5, null, TableRow.NOT_SENT);
    assertThat(row).isEqualTo(same).hasSameHashCodeAs(same);
    assertThat(row.toMap()).isEqualTo(same.toMap());
    assertThat(row.presentCount()).isEqualTo(3);
    assertThat(row.textBytes(2)).isNull();
    assertThat(row.text(2)).isNull();
    assertThatIllegalStateException().isThrownBy(() -> row.text(3));
    TableSchema other = SampleTypes.table(SampleTypes.of("text"), SampleTypes.of("int4"));
    assertThat(row.as(other, 2, 0)).isEqualTo(TableRow.of(other, null, 53));
  }

  @Test
  void sharesTheBytesOfText() {
    byte[] bytes = {1, '{', '}'};
    TableRow row =
        WireRow.of(
            SampleTypes.table(SampleTypes.of("jsonb"), SampleTypes.of("text")),
            bytes,
            new int[] {WireRow.BINARY, 3, 1 | WireRow.BINARY, 2});
    bytes[1] = '[';
    bytes[2] = ']';
    assertThat(row.textBytes(0)).isEqualTo(row.textBytes(1)).isEqualTo(row.textBytes(0));
    assertThat(StandardCharsets.UTF_8.decode(requireNonNull(row.textBytes(0))).toString())
        .isEqualTo("[]");
    assertThat(requireNonNull(row.textBytes(0)).isReadOnly()).isTrue();
  }

  /** The same bytes of another type are another value. */
  @Test
  void isEqualByTextAndNotByBytes() {
    assertThat(one("int4", "3f800000")).isNotEqualTo(one("float4", "3f800000"));
    assertThat(one("float4", "7fc00000")).isEqualTo(one("float4", "ffc00001"));
    assertThat(one("float4", "7fc00000")).hasSameHashCodeAs(one("float4", "ffc00001"));
    assertThat(one("float4", "00000000")).isNotEqualTo(one("float4", "80000000"));
  }

  private static TableRow one(String type, String hex) {
    return row(SampleTypes.of(type), HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  private static void assertSame(PgType type, String hex, String text) {
    TableSchema table = SampleTypes.table(type);
    byte[] binary = HexFormat.of().parseHex(hex);
    TableRow row = row(type, binary);
    TableRow expected = SampleTypes.row(type, text);
    assertThat(WireRow.readsBinary(table)).isTrue();
    assertThat(row.text(0)).isEqualTo(text);
    assertThat(row.textBytes(0)).isEqualTo(expected.textBytes(0));
    assertThat(row.get(0)).isEqualTo(expected.get(0));
    assertThat(row).isEqualTo(expected).hasSameHashCodeAs(expected);
    assertThat(expected).isEqualTo(row);
  }

  /** {@return a row of one column, with other bytes around the value} */
  static TableRow row(PgType type, byte[] binary) {
    byte[] message = new byte[binary.length + 14];
    Arrays.fill(message, (byte) '7');
    System.arraycopy(binary, 0, message, 7, binary.length);
    return WireRow.of(
        SampleTypes.table(type), message, new int[] {7 | WireRow.BINARY, binary.length});
  }
}
