package dev.pgetl.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes are a value or a typed error, and a value survives being written and read again. The
 * inputs beside this class are replayed by every build; {@code JAZZER_FUZZ=1} looks for more.
 */
class ValueCodecsFuzzTest {
  private static final PgType TEXTRANGE =
      SampleTypes.user(22_000, "textrange", Kind.RANGE, SampleTypes.builtin("text"));
  private static final PgType TEXTMULTIRANGE =
      SampleTypes.user(22_001, "textmultirange", Kind.MULTIRANGE, TEXTRANGE);

  @FuzzTest
  void numbers(byte[] text) {
    readAs(text, "bool", "int2", "int4", "int8", "oid", "xid8", "float4", "float8", "numeric");
  }

  @FuzzTest
  void datesAndTimes(byte[] text) {
    readAs(text, "date", "time", "timetz", "timestamp", "timestamptz", "interval");
  }

  @FuzzTest
  void textAndBinary(byte[] text) {
    readAs(text, "text", "json", "bytea", "uuid", "pg_lsn", "inet", "cidr", "mood");
  }

  @FuzzTest
  void arrays(byte[] text) {
    readAs(text, "int4[]", "text[]", "box[]", "numeric[]", "timetz[]", "hstore[]", "addr[]");
    read(SampleTypes.POSINT_ARRAY.arrayOf(22_002), text);
    read(TEXTMULTIRANGE.arrayOf(22_003), text);
  }

  @FuzzTest
  void compositesAndMaps(byte[] text) {
    readAs(text, "addr", "addr_nested", "hstore");
  }

  @FuzzTest
  void ranges(byte[] text) {
    readAs(text, "int4range", "tstzrange", "daterange", "nummultirange", "floatrange");
    read(TEXTRANGE, text);
    read(TEXTMULTIRANGE, text);
  }

  private static void readAs(byte[] text, String... types) {
    for (String type : types) {
      read(SampleTypes.of(type), text);
    }
  }

  private static void read(PgType type, byte[] text) {
    TableRow row = SampleTypes.row(type, text);
    Object value = valueOrNull(row);
    if (value != null) {
      assertThat(TableRow.of(SampleTypes.table(type), value).get(0)).isEqualTo(value);
    }
  }

  private static @Nullable Object valueOrNull(TableRow row) {
    try {
      return row.get(0);
    } catch (EtlException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
      return null;
    }
  }
}
