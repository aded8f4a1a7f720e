package dev.pgetl.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static void assertSame(PgType type, String hex, String text) {
    TableSchema table = SampleTypes.table(type);
    byte[] binary = HexFormat.of().parseHex(hex);
    TableRow row = binaryRow(table, binary);
    TableRow expected = SampleTypes.row(type, text);
    assertThat(TableRow.readsBinary(table)).isTrue();
    assertThat(row.text(0)).isEqualTo(text);
    assertThat(row.textBytes(0)).isEqualTo(expected.textBytes(0));
    assertThat(row.get(0)).isEqualTo(expected.get(0));
    assertThat(row).isEqualTo(expected).hasSameHashCodeAs(expected);
    assertThat(expected).isEqualTo(row);
  }

  static TableRow binaryRow(TableSchema table, byte[] binary) {
    byte[] message = new byte[binary.length + 14];
    Arrays.fill(message, (byte) '7');
    System.arraycopy(binary, 0, message, 7, binary.length);
    return TableRow.ofWire(table, message, new int[] {7 | TableRow.BINARY, binary.length});
  }
}
