package dev.pgetl.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Kind;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.stream.Stream;
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

  private static final List<TableSchema> NUMBERS =
      tables("bool", "int2", "int4", "int8", "oid", "xid8", "float4", "float8", "numeric");
  private static final List<TableSchema> DATES_AND_TIMES =
      tables("date", "time", "timetz", "timestamp", "timestamptz", "interval");
  private static final List<TableSchema> TEXT_AND_BINARY =
      tables("text", "json", "bytea", "uuid", "pg_lsn", "inet", "cidr", "mood");
  private static final List<TableSchema> BINARY_ONLY =
      tables("jsonb", "jsonpath", "macaddr", "macaddr8", "varbit", "\"char\"");
  private static final List<TableSchema> ARRAYS =
      tables("int4[]", "text[]", "box[]", "numeric[]", "timetz[]", "hstore[]", "addr[]");
  private static final List<TableSchema> ARRAYS_OF_LISTS =
      tables(SampleTypes.POSINT_ARRAY.arrayOf(22_002), TEXTMULTIRANGE.arrayOf(22_003));
  private static final List<TableSchema> COMPOSITES_AND_MAPS =
      tables("addr", "addr_nested", "hstore");
  private static final List<TableSchema> RANGES =
      tables("int4range", "tstzrange", "daterange", "nummultirange", "floatrange");
  private static final List<TableSchema> RANGES_OF_TEXT = tables(TEXTRANGE, TEXTMULTIRANGE);

  @FuzzTest(maxDuration = "10m")
  void numbers(byte[] text) {
    NUMBERS.forEach(table -> read(table, text));
  }

  @FuzzTest(maxDuration = "10m")
  void datesAndTimes(byte[] text) {
    DATES_AND_TIMES.forEach(table -> read(table, text));
  }

  @FuzzTest(maxDuration = "10m")
  void textAndBinary(byte[] text) {
    TEXT_AND_BINARY.forEach(table -> read(table, text));
  }

  @FuzzTest(maxDuration = "10m")
  void arrays(byte[] text) {
    ARRAYS.forEach(table -> read(table, text));
    ARRAYS_OF_LISTS.forEach(table -> read(table, text));
  }

  @FuzzTest(maxDuration = "10m")
  void compositesAndMaps(byte[] text) {
    COMPOSITES_AND_MAPS.forEach(table -> read(table, text));
  }

  @FuzzTest(maxDuration = "10m")
  void ranges(byte[] text) {
    RANGES.forEach(table -> read(table, text));
    RANGES_OF_TEXT.forEach(table -> read(table, text));
  }

  @FuzzTest(maxDuration = "10m")
  void binaryScalars(byte[] binary) {
    Stream.of(NUMBERS, DATES_AND_TIMES, TEXT_AND_BINARY, BINARY_ONLY)
        .flatMap(List::stream)
        .forEach(table -> readBinary(table, binary));
  }

  @FuzzTest(maxDuration = "10m")
  void binaryParts(byte[] binary) {
    Stream.of(ARRAYS, ARRAYS_OF_LISTS, RANGES, RANGES_OF_TEXT)
        .flatMap(List::stream)
        .filter(WireRow::readsBinary)
        .forEach(table -> readBinary(table, binary));
  }

  private static void readBinary(TableSchema table, byte[] binary) {
    BinaryValueProperties.assertReadsOrRejects(table.column(0).type(), binary);
  }

  private static List<TableSchema> tables(String... types) {
    return tables(Stream.of(types).map(SampleTypes::of).toArray(PgType[]::new));
  }

  private static List<TableSchema> tables(PgType... types) {
    return Stream.of(types).map(SampleTypes::table).toList();
  }

  private static void read(TableSchema table, byte[] text) {
    TableRow row = WireRow.of(table, text, new int[] {0, text.length});
    Object value = valueOrNull(row);
    if (value != null) {
      assertThat(TableRow.of(table, value).get(0)).isEqualTo(value);
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
