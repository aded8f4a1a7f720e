package dev.pgetl.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.PgArray;
import dev.pgetl.data.PgRange;
import dev.pgetl.data.SpecialValue;
import dev.pgetl.data.TableRow;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Field;
import dev.pgetl.schema.PgType.Kind;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The grammar of arrays, composites, ranges and {@code hstore}, and types made of types. */
class StructuredTextTest {

  @Test
  void bracketsQuotesAndBackslashesInsideQuotesAreText() {
    assertThat(decode("text[]", "{\"{a}\",\"b,c\",\"d\\\"e\",\"f\\\\g\",\"\\n\"}"))
        .isEqualTo(List.of("{a}", "b,c", "d\"e", "f\\g", "n"));
  }

  @Test
  void onlyTheBareWordIsNull() {
    assertThat(decode("text[]", "{NULL,null,Null,\"NULL\",NULLS,nul}"))
        .isEqualTo(Arrays.asList(null, null, null, "NULL", "NULLS", "nul"));
  }

  @Test
  void theDelimiterIsTheOneOfTheElement() {
    assertThat(decode("box[]", "{(1,1),(0,0);NULL}")).isEqualTo(Arrays.asList("(1,1),(0,0)", null));
    assertThat(decode("text[]", "{a;b}")).isEqualTo(List.of("a;b"));
  }

  @Test
  void lowerBoundsOfOneNeedNoTypeOfTheirOwn() {
    assertThat(decode("int4[]", "[1:2]={7,8}")).isEqualTo(List.of(7, 8));
  }

  @Test
  void sixDimensionsAreRead() {
    assertThat(decode("int4[]", "{{{{{{1}}}}}}"))
        .isEqualTo(List.of(List.of(List.of(List.of(List.of(List.of(1)))))));
  }

  @Test
  void dimensionsOfListsAreTold() {
    PgType arrays = SampleTypes.POSINT_ARRAY.arrayOf(30_000);
    assertThat(decode(arrays, "{\"{1,2}\",\"{3}\"}")).isEqualTo(List.of(List.of(1, 2), List.of(3)));
    Object oneOfTwo = decode(arrays, "{\"{{1}}\"}");
    Object twoOfOne = decode(arrays, "{{\"{1}\"}}");
    assertThat(oneOfTwo).isEqualTo(List.of(List.of(List.of(1)))).isNotEqualTo(twoOfOne);
    assertThat(twoOfOne).isEqualTo(new PgArray(List.of(1, 1), List.of(List.of(List.of(1)))));
  }

  @Test
  void specialValuesLieInsideArraysRangesAndComposites() {
    Object infinity = SpecialValue.NonFinite.POSITIVE_INFINITY;
    assertThat(decode("daterange", "[2026-01-01,infinity)"))
        .isEqualTo(PgRange.closedOpen(LocalDate.of(2026, 1, 1), infinity));
    assertThat(decode("timetz[]", "{24:00:00-01}"))
        .isEqualTo(List.of(new SpecialValue.EndOfDay(java.time.ZoneOffset.ofHours(-1))));
    PgType pair =
        SampleTypes.composite(
            30_001,
            "pair",
            new Field("n", SampleTypes.builtin("numeric")),
            new Field("i", SampleTypes.builtin("interval")));
    assertThat(decode(pair, "(-Infinity,infinity)"))
        .isEqualTo(Map.of("n", SpecialValue.NonFinite.NEGATIVE_INFINITY, "i", infinity));
  }

  @Test
  void compositesDoubleQuotesAndBackslashes() {
    assertThat(decode("addr", "(\"a\"\"b\\\\c\",\"d\\e\",1)"))
        .isEqualTo(Map.of("street", "a\"b\\c", "unit", "de", "zip", 1));
  }

  @Test
  void compositesOfOneAndOfNoField() {
    PgType one = SampleTypes.composite(30_002, "one", new Field("a", SampleTypes.builtin("text")));
    assertThat(decode(one, "()")).isEqualTo(Collections.singletonMap("a", null));
    assertThat(decode(one, "(\"\")")).isEqualTo(Map.of("a", ""));
    assertThat(decode(SampleTypes.composite(30_003, "none"), "()")).isEqualTo(Map.of());
  }

  @Test
  void compositesAlteredInBetweenAreText() {
    assertThat(decode("addr", "(a,b)")).isEqualTo("(a,b)");
    assertThat(decode("addr", "(a,b,1,2)")).isEqualTo("(a,b,1,2)");
    assertThat(decode("addr", "(a,b,c)")).isEqualTo("(a,b,c)");
    assertThat(decode("addr", "(a,b,\"\")")).isEqualTo("(a,b,\"\")");
    assertThat(decode("addr[]", "{\"(a,b)\",\"(a,b,1)\"}"))
        .isEqualTo(List.of("(a,b)", Map.of("street", "a", "unit", "b", "zip", 1)));
  }

  @Test
  void rangesQuoteTheirBounds() {
    PgType texts = SampleTypes.user(30_004, "textrange", Kind.RANGE, SampleTypes.builtin("text"));
    assertThat(decode(texts, "[\"a,b\",\"c\"\"d\\\\\"]"))
        .isEqualTo(new PgRange<>("a,b", true, "c\"d\\", true, false));
    assertThat(decode(texts, "[\"\",)")).isEqualTo(PgRange.closedOpen("", null));
    assertThat(decode("tsrange", "(\"2026-01-01 00:00:00\",]".replace("]", ")")))
        .isEqualTo(new PgRange<>(LocalDateTime.of(2026, 1, 1, 0, 0), false, null, false, false));
  }

  @Test
  void rangesOfCompositesAndOfArrays() {
    PgType arrays =
        SampleTypes.user(30_005, "arrayrange", Kind.RANGE, SampleTypes.builtin("_int4"));
    assertThat(decode(arrays, "[\"{1,2}\",\"{3}\")"))
        .isEqualTo(PgRange.closedOpen(List.of(1, 2), List.of(3)));
  }

  @Test
  void hstoreKeepsItsOrder() {
    assertThat(decode("hstore", "\"b\"=>NULL, \"a\\\\\"=>\"\\\"\", \"\"=>\"\"").toString())
        .isEqualTo("{b=null, a\\=\", =}");
  }

  @Test
  void collectionsCannotBeChanged() {
    assertThat((List<?>) decode("int4[]", "{{1},{2}}"))
        .isUnmodifiable()
        .allSatisfy(inner -> assertThat((List<?>) inner).isUnmodifiable());
    assertThat((List<?>) decode("int4multirange", "{[1,2)}")).isUnmodifiable();
    assertThat((Map<?, ?>) decode("hstore", "\"a\"=>\"1\"")).isUnmodifiable();
    assertThat((Map<?, ?>) decode("addr", "(a,b,1)")).isUnmodifiable();
  }

  @Test
  void typesThatAreNotKnownAreText() {
    assertThat(decode(PgType.unknown(99_999), "any {text")).isEqualTo("any {text");
    for (Kind kind : new Kind[] {Kind.ARRAY, Kind.RANGE, Kind.MULTIRANGE, Kind.DOMAIN}) {
      PgType type = SampleTypes.user(30_006, "half_known", kind, null);
      assertThat(decode(type, "{1,2}")).isEqualTo("{1,2}");
    }
    assertThat(decode(PgType.unknown(99_999).arrayOf(99_998), "{a,NULL}"))
        .isEqualTo(Arrays.asList("a", null));
  }

  @Test
  void domainsAreWhatTheyRestrictInTheEnd() {
    PgType outer = SampleTypes.user(30_007, "outer", Kind.DOMAIN, SampleTypes.POSINT_ARRAY);
    assertThat(decode(outer, "{1,NULL}")).isEqualTo(Arrays.asList(1, null));
  }

  @Test
  void hstoreIsFoundByItsNameInAnySchemaButNotAmongOtherKinds() {
    assertThat(decode(SampleTypes.extension(30_008, "hstore"), "\"a\"=>NULL"))
        .isEqualTo(Collections.singletonMap("a", null));
    assertThat(decode(SampleTypes.user(30_009, "hstore", Kind.ENUM, null), "x")).isEqualTo("x");
  }

  private static Object decode(String type, String text) {
    return decode(SampleTypes.of(type), text);
  }

  private static Object decode(PgType type, String text) {
    Object value = SampleTypes.row(type, text).get(0);
    assertThat(value).isNotNull();
    TableRow rendered = TableRow.of(SampleTypes.table(type), value);
    assertThat(rendered.get(0)).isEqualTo(value);
    return value;
  }
}
