package dev.pgetl.it.values;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.ExpectedValues;
import dev.pgetl.data.TableRow;
import dev.pgetl.data.TypeSample;
import dev.pgetl.event.Event;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every value of {@code types.jsonl} comes out as stated there, by the copy and by the stream, and
 * so does a null of its type (S58, S61, S63 and what else is stated there).
 */
class TypesIT {
  /** What the types of the samples need. */
  private static final String USER_TYPES =
      """
      create extension citext; create extension hstore; create extension ltree;
      create extension cube; create extension seg; create extension isn;
      create type mood as enum ('sad','ok','happy','it''s "odd", {yes}');
      create domain posint as int4 check (value > 0);
      create domain email as citext check (value like '%@%');
      create domain posint_arr_dom as int4[];
      create type addr as (street text, unit text, zip int4);
      create type addr_nested as (a addr, ns int4[]);
      create type floatrange as range (subtype = float8);
      """;

  private final ExpectedValues expected = new ExpectedValues();
  private final List<String> failures = new ArrayList<>();

  private static final String INSERT =
      "insert into sample values (%s); insert into sample default values;";

  @Test
  void everySampleComesOutAsStatedByBothPaths() throws InterruptedException {
    int server = TestPostgres.shared().majorVersion();
    List<TypeSample> samples =
        TypeSample.all().stream().filter(sample -> since(sample) <= server).toList();
    String row = list(samples, sample -> "(" + expression(sample) + ")::" + sample.type());
    String columns = list(samples, sample -> "c" + sample.number() + " " + sample.type());
    try (Scenario scenario =
        Scenario.with(
            USER_TYPES
                + "create table sample (%s); create publication pub for table sample;"
                    .formatted(columns))) {
      scenario.source().execute(INSERT.formatted(row));
      scenario.start().awaitReady();
      scenario.source().execute(INSERT.formatted(row));
      scenario.awaitApplied();

      check(samples, "copy", scenario.destination().copiedRows("sample"));
      check(samples, "stream", insertedRows(scenario));
    }
    assertThat(failures)
        .as(() -> "number | type | path | what\n" + String.join("\n", failures))
        .isEmpty();
  }

  /** Negative scales, scales beyond the precision, and octal escapes of "char" are younger. */
  private static int since(TypeSample sample) {
    return Set.of("numeric(10,-2)", "numeric(3,5)").contains(sample.type())
            || sample.expression().equals("'\\377'")
        ? 15
        : 14;
  }

  /** From Postgres 16 on {@code E'\v'} is a vertical tab; before, and in the samples, a v. */
  private static String expression(TypeSample sample) {
    return sample.expression().replace("\\v", "v");
  }

  private static List<TableRow> insertedRows(Scenario scenario) {
    return scenario.destination().changes("sample").stream()
        .map(change -> ((Event.Insert) change).row())
        .toList();
  }

  private void check(List<TypeSample> samples, String path, List<TableRow> rows) {
    assertThat(rows).as(path).hasSize(2);
    assertThat(rows).as(path).allMatch(row -> row.columnCount() == samples.size());
    for (int i = 0; i < samples.size(); i++) {
      TypeSample sample = samples.get(i);
      ColumnSchema column = rows.get(0).table().column(i);
      compare(sample, path + ", text", sample.text(), rows.get(0).text(i));
      compare(sample, path + ", value", expected.of(sample.number()), rows.get(0).get(i));
      compare(sample, path + ", null", null, rows.get(1).get(i));
      compare(sample, path + ", modifier", sample.modifier(), column.modifier());
      if (sample.typeOid() != null) {
        compare(sample, path + ", type", sample.typeOid(), column.type().oid());
      }
    }
  }

  private void compare(
      TypeSample sample, String what, @Nullable Object stated, @Nullable Object actual) {
    if (!Objects.equals(stated, actual)) {
      failures.add(
          "%d | %s | %s | stated %s, got %s"
              .formatted(sample.number(), sample.type(), what, shown(stated), shown(actual)));
    }
  }

  private static String shown(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }

  private static String list(List<TypeSample> samples, Function<TypeSample, String> item) {
    return samples.stream().map(item).collect(Collectors.joining(", "));
  }
}
