package dev.pgetl.destination.http.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.PgType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CellJsonTest {
  private static final PgType BOOL = PgType.base(16, "bool");
  private static final PgType BYTEA = PgType.base(17, "bytea");
  private static final PgType INT4 = PgType.base(23, "int4");
  private static final PgType TEXT = PgType.base(25, "text");
  private static final PgType JSON = PgType.base(114, "json");
  private static final PgType NUMERIC = PgType.base(1700, "numeric");
  private static final PgType TIMESTAMPTZ = PgType.base(1184, "timestamptz");
  private static final PgType INTERVAL = PgType.base(1186, "interval");
  private static final PgType BOX =
      new PgType(603, "pg_catalog", "box", PgType.Kind.BASE, null, ';', List.of());
  private static final PgType HSTORE =
      new PgType(20001, "public", "hstore", PgType.Kind.BASE, null, ',', List.of());
  private static final PgType INT4_RANGE =
      new PgType(3904, "pg_catalog", "int4range", PgType.Kind.RANGE, INT4, ',', List.of());
  private static final PgType TSTZ_RANGE =
      new PgType(3910, "pg_catalog", "tstzrange", PgType.Kind.RANGE, TIMESTAMPTZ, ',', List.of());
  private static final PgType NUM_MULTIRANGE =
      new PgType(
          4532,
          "pg_catalog",
          "nummultirange",
          PgType.Kind.MULTIRANGE,
          new PgType(3906, "pg_catalog", "numrange", PgType.Kind.RANGE, NUMERIC, ',', List.of()),
          ',',
          List.of());
  private static final PgType ADDRESS =
      new PgType(
          20002,
          "public",
          "addr",
          PgType.Kind.COMPOSITE,
          null,
          ',',
          List.of(
              new PgType.Field("street", TEXT),
              new PgType.Field("city", TEXT),
              new PgType.Field("zip", INT4)));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "16|bool|t|true",
        "16|bool|f|false",
        "21|int2|-32768|-32768",
        "23|int4|0|0",
        "26|oid|4294967295|4294967295",
        "20|int8|9007199254740991|9007199254740991",
        "20|int8|-9007199254740991|-9007199254740991",
        "20|int8|9007199254740992|\"9007199254740992\"",
        "20|int8|-9223372036854775808|\"-9223372036854775808\"",
        "5069|xid8|18446744073709551615|\"18446744073709551615\"",
        "700|float4|3.4028235e+38|3.4028235e+38",
        "701|float8|-0|-0",
        "701|float8|5e-324|5e-324",
        "701|float8|NaN|\"NaN\"",
        "701|float8|-Infinity|\"-Infinity\"",
        "1700|numeric|1.50|\"1.50\"",
        "1700|numeric|NaN|\"NaN\"",
        "790|money|$1,234.56|\"$1,234.56\"",
        "17|bytea|\\x48656c6c6f|\"SGVsbG8=\"",
        "17|bytea|\\x|\"\"",
        "25|text|say \"hi\"\\|\"say \\\"hi\\\"\\\\\"",
        "25|text|測試 😀|\"測試 😀\"",
        "25|text|``|\"\"",
        "114|json|{\"a\" : [1, 2.50]}|{\"a\" : [1, 2.50]}",
        "3802|jsonb|null|null",
        "1082|date|2026-01-02|\"2026-01-02\"",
        "1083|time|24:00:00|\"24:00:00\"",
        "1266|timetz|12:30:45.1+02|\"12:30:45.1+02:00\"",
        "1266|timetz|12:00:00+05:30|\"12:00:00+05:30\"",
        "1266|timetz|00:00:00-15:59:59|\"00:00:00-15:59:59\"",
        "1114|timestamp|2026-01-02 03:04:05.1|\"2026-01-02T03:04:05.1\"",
        "1114|timestamp|infinity|\"infinity\"",
        "1114|timestamp|0044-03-15 12:00:00 BC|\"0044-03-15 12:00:00 BC\"",
        "1184|timestamptz|2026-01-02 03:04:05.123456+00|\"2026-01-02T03:04:05.123456Z\"",
        "1184|timestamptz|-infinity|\"-infinity\"",
        "1186|interval|1 year 2 mons 3 days 04:05:06.789|\"P1Y2M3DT4H5M6.789S\"",
        "2950|uuid|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"",
        "3220|pg_lsn|16/B374D848|\"16/B374D848\"",
        "869|inet|192.0.2.1/24|\"192.0.2.1/24\""
      })
  void writesWhatTheTypeIs(long oid, String name, String text, String expected) {
    assertThat(json(PgType.base(oid, name), text, false)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "20,-9223372036854775808,-9223372036854775808",
    "5069,18446744073709551615,18446744073709551615",
    "1700,1.50,1.50",
    "1700,0.000000000000000000000000000001,0.000000000000000000000000000001",
    "1700,NaN,\"NaN\"",
    "1700,-Infinity,\"-Infinity\""
  })
  void writesAllDigitsWhenNumbersAreExact(long oid, String text, String expected) {
    assertThat(json(PgType.base(oid, "number"), text, true)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "1x", "0x10", "1 2", "--1", "1.e1"})
  void makesAStringOfWhatJsonKnowsNoNumberFor(String text) throws IOException {
    assertThat(tree(INT4, text).isTextual()).isTrue();
    assertThat(tree(INT4, text).asText()).isEqualTo(text);
  }

  @Test
  void writesNull() {
    assertThat(json(INT4, (String) null, false)).isEqualTo("null");
  }

  @Test
  void keepsDocumentsOnOneLine() {
    String document = "{\r\n  \"a\": [1,\n2]\n}";

    assertThat(json(JSON, document, false)).isEqualTo("{    \"a\": [1, 2] }");
    assertThat(json(JSON.arrayOf(199), "{\"{\n\\\"x\\\":1}\"}", false)).isEqualTo("[{ \"x\":1}]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "***", "{", "{}}", "1 2", "{\"a\":}", "'a'", "NaN", "[1,]", "01"})
  void refusesWhatIsNoDocument(String text) {
    assertRefused(JSON, text);
    assertRefused(PgType.base(3802, "jsonb"), text);
  }

  /** Which a parser that guesses the encoding takes for a document. */
  @ParameterizedTest
  @ValueSource(strings = {"6\0", "\0006", "[\0]\0", "\0{\0}", "1\0\0\0", "\0\0\0001", "\uFEFF{}"})
  void refusesWhatWouldBeADocumentInAnotherEncoding(String text) {
    refusesWhatIsNoDocument(text);
  }

  @Test
  void takesDocumentsOfAnySize() {
    String deep = "[".repeat(5_000) + "1".repeat(5_000) + "]".repeat(5_000);

    assertThat(json(JSON, deep, false)).isEqualTo(deep);
  }

  @ParameterizedTest
  @ValueSource(ints = {18, 25, 114, 1082, 1114, 1186, 3802, 869, 30_000})
  void refusesBytesThatAreNoText(int oid) {
    byte[] noText = {'"', (byte) 0xC3, (byte) 0xC3, '"'};

    assertThatThrownBy(() -> json(PgType.base(oid, "any"), noText, false))
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA));
  }

  @Test
  void writesAByteAsPostgresPrintsIt() {
    byte[] byteOfPostgres14 = {(byte) 0xC4};

    assertThat(json(PgType.base(18, "char"), byteOfPostgres14, false)).isEqualTo("\"\\\\304\"");
    assertThat(json(PgType.base(18, "char"), "\\304", false)).isEqualTo("\"\\\\304\"");
    assertThat(
            json(
                PgType.base(18, "char").arrayOf(1002),
                new byte[] {'{', 'a', ',', (byte) 0xC4, '}'},
                false))
        .isEqualTo("[\"a\",\"\\\\304\"]");
  }

  /** As documented: the year has as many digits as it needs, and no sign. */
  @Test
  void writesYearsOfFiveDigitsWithoutASign() {
    assertThat(json(PgType.base(1082, "date"), "10000-01-01", false)).isEqualTo("\"10000-01-01\"");
    assertThat(json(TIMESTAMPTZ, "294276-12-31 23:59:59+00", false))
        .isEqualTo("\"294276-12-31T23:59:59Z\"");
  }

  @Test
  void escapesControlCharacters() throws IOException {
    String text = "a\u0001b\tc\r\nd\u001f\"\\/";

    assertThat(json(TEXT, text, false)).doesNotContain("\n", "\t");
    assertThat(tree(TEXT, text).asText()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(ints = {7_990, 8_000, 8_010, 100_000})
  void writesTextsAroundAndBeyondTheGeneratorsBuffer(int length) throws IOException {
    String text = "é\"x".repeat(length / 4);

    assertThat(tree(TEXT, text).asText()).isEqualTo(text);
    assertThat(json(JSON, "[\"" + "z".repeat(length) + "\"]", false)).hasSize(length + 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|[]",
        "{1,NULL,3}|[1,null,3]",
        "{{1,2},{3,4}}|[[1,2],[3,4]]",
        "{{{1},{2}},{{3},{4}}}|[[[1],[2]],[[3],[4]]]",
        "[0:1]={7,8}|{\"lower_bounds\":[0],\"elements\":[7,8]}",
        "[1:2][-1:0]={{1,2},{3,4}}|{\"lower_bounds\":[1,-1],\"elements\":[[1,2],[3,4]]}"
      })
  void writesArrays(String text, String expected) {
    assertThat(json(INT4.arrayOf(1007), text, false)).isEqualTo(expected);
  }

  @Test
  void unquotesElements() {
    assertThat(
            json(TEXT.arrayOf(1009), "{a,NULL,\"NULL\",\"\",\"a,b\",\"c\\\"d\",\"e\\\\f\"}", false))
        .isEqualTo("[\"a\",null,\"NULL\",\"\",\"a,b\",\"c\\\"d\",\"e\\\\f\"]");
    assertThat(json(JSON.arrayOf(199), "{\"{\\\"a\\\":1}\",NULL}", false))
        .isEqualTo("[{\"a\":1},null]");
    assertThat(json(BYTEA.arrayOf(1001), "{\"\\\\x0102\"}", false)).isEqualTo("[\"AQI=\"]");
    assertThat(json(INTERVAL.arrayOf(1187), "{\"1 day\",02:00:00}", false))
        .isEqualTo("[\"P1D\",\"PT2H\"]");
  }

  @Test
  void separatesBoxesBySemicolons() {
    assertThat(json(BOX.arrayOf(1020), "{(1,1),(0,0);(3,3),(2,2)}", false))
        .isEqualTo("[\"(1,1),(0,0)\",\"(3,3),(2,2)\"]");
  }

  @Test
  void writesRanges() {
    assertThat(json(INT4_RANGE, "[1,5)", false))
        .isEqualTo("{\"lower\":1,\"upper\":5,\"bounds\":\"[)\"}");
    assertThat(json(INT4_RANGE, "(,)", false))
        .isEqualTo("{\"lower\":null,\"upper\":null,\"bounds\":\"()\"}");
    assertThat(json(INT4_RANGE, "empty", false)).isEqualTo("{\"empty\":true}");
    assertThat(json(TSTZ_RANGE, "[\"2026-01-01 00:00:00+00\",infinity]", false))
        .isEqualTo("{\"lower\":\"2026-01-01T00:00:00Z\",\"upper\":\"infinity\",\"bounds\":\"[]\"}");
    assertThat(json(INT4_RANGE.arrayOf(3905), "{\"[1,5)\",NULL,empty}", false))
        .isEqualTo("[{\"lower\":1,\"upper\":5,\"bounds\":\"[)\"},null,{\"empty\":true}]");
  }

  @Test
  void writesMultiranges() {
    assertThat(json(NUM_MULTIRANGE, "{}", true)).isEqualTo("[]");
    assertThat(json(NUM_MULTIRANGE, "{[1.0,2.0),(3,)}", true))
        .isEqualTo(
            "[{\"lower\":1.0,\"upper\":2.0,\"bounds\":\"[)\"},"
                + "{\"lower\":3,\"upper\":null,\"bounds\":\"()\"}]");
  }

  @Test
  void writesCompositesByField() {
    assertThat(json(ADDRESS, "(\"a \"\"b\"\", (c)\",\"\",)", false))
        .isEqualTo("{\"street\":\"a \\\"b\\\", (c)\",\"city\":\"\",\"zip\":null}");
    assertThat(json(ADDRESS.arrayOf(20003), "{\"(\\\"12 Main St\\\",,90210)\",NULL}", false))
        .isEqualTo("[{\"street\":\"12 Main St\",\"city\":null,\"zip\":90210},null]");
  }

  @Test
  void keepsTheTextOfACompositeWithOtherFields() {
    assertThat(json(ADDRESS, "(a,b)", false)).isEqualTo("\"(a,b)\"");
    assertThat(json(ADDRESS, "(a,b,c)", false)).isEqualTo("\"(a,b,c)\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bool|t|x",
        "int8|-1|1.a",
        "xid8|18446744073709551615|a",
        "float8|-Infinity|infinite",
        "numeric|NaN|nan",
        "bytea|\\x00|00",
        "jsonb|[1]|[1",
        "uuid|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|a0eebc99",
        "date|-infinity|a",
        "interval|-1 days|day",
      })
  void keepsTheTextOfACompositeWithAValueThatCannotBeOfItsField(
      String type, String value, String other) throws IOException {
    PgType builtin = BuiltinTypes.named(type);
    PgType one = composite(builtin);

    assertThat(tree(one, "(\"" + value.replace("\\", "\\\\") + "\")").isObject()).isTrue();
    assertThat(tree(one, "(\"" + other + "\")").isTextual()).isTrue();
    assertThat(tree(composite(builtin.arrayOf(70_000)), "(a)").isTextual()).isTrue();
    assertThat(tree(composite(INT4_RANGE), "(a)").isTextual()).isTrue();
    assertThat(tree(composite(one), "(a)").isTextual()).isTrue();
  }

  private static PgType composite(PgType field) {
    return new PgType(
        20_003,
        "public",
        "one",
        PgType.Kind.COMPOSITE,
        null,
        ',',
        List.of(new PgType.Field("f", field)));
  }

  @Test
  void writesHstoreAsAnObject() {
    assertThat(json(HSTORE, "\"a\"=>\"1\", \"b\"=>NULL, \"c d\"=>\"e\\\"f\"", false))
        .isEqualTo("{\"a\":\"1\",\"b\":null,\"c d\":\"e\\\"f\"}");
    assertThat(json(HSTORE, "", false)).isEqualTo("{}");
  }

  @Test
  void seesThroughDomains() {
    PgType positive =
        new PgType(20004, "public", "posint", PgType.Kind.DOMAIN, INT4, ',', List.of());
    PgType several =
        new PgType(
            20006, "public", "some", PgType.Kind.DOMAIN, positive.arrayOf(20005), ',', List.of());

    assertThat(json(positive, "5", false)).isEqualTo("5");
    assertThat(json(several, "{1,2}", false)).isEqualTo("[1,2]");
  }

  @Test
  void keepsTheTextOfWhatTheCatalogueDoesNotKnow() {
    PgType vector = new PgType(20007, "public", "vector", PgType.Kind.BASE, null, ',', List.of());
    PgType lost = new PgType(20008, "", "", PgType.Kind.ARRAY, null, ',', List.of());

    assertThat(json(PgType.unknown(30000), "{x", false)).isEqualTo("\"{x\"");
    assertThat(json(vector, "[1,2,3]", false)).isEqualTo("\"[1,2,3]\"");
    assertThat(json(lost, "{1,2}", false)).isEqualTo("\"{1,2}\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{1",
        "{1,",
        "{1,}",
        "{,1}",
        "1",
        "{1}x",
        "{\"1",
        "{\"1\\",
        "[1:2={1,2}",
        "[a:b]={1}",
        "[1:2]{1,2}",
        "{{{{{{{1}}}}}}}",
        "{\"1\"x}"
      })
  void refusesMalformedArrays(String text) {
    assertRefused(TEXT.arrayOf(1009), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1,2", "[1,2", "[1)", "[1;2)", "x", "[1,2)x", "emptyx", "[\"1,2)"})
  void refusesMalformedRanges(String text) {
    assertRefused(INT4_RANGE, text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "(a", "(a,b,c", "(a,b,c)x", "(\"a,b,c)"})
  void refusesMalformedComposites(String text) {
    assertRefused(ADDRESS, text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=>1", "\"a\"", "\"a\"=>", "\"a\"=>1", "\"a\"=>\"1\",\"b\"=>NULL"})
  void refusesMalformedHstores(String text) {
    assertRefused(HSTORE, text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "true", "T", "1"})
  void refusesOtherBooleans(String text) {
    assertRefused(BOOL, text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "48", "\\x4", "\\xgg"})
  void refusesOtherBytes(String text) {
    assertRefused(BYTEA, text);
  }

  private static void assertRefused(PgType type, String text) {
    assertThatThrownBy(() -> json(type, text, false))
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA));
  }

  private static JsonNode tree(PgType type, String text) throws IOException {
    return new ObjectMapper().readTree(json(type, text, false));
  }

  private static String json(PgType type, @Nullable String text, boolean exact) {
    return json(type, text == null ? null : text.getBytes(StandardCharsets.UTF_8), exact);
  }

  private static String json(PgType type, byte @Nullable [] text, boolean exact) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      new CellJson(json, exact).write(type, text == null ? null : ByteBuffer.wrap(text));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
