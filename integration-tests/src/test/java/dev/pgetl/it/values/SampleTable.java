package dev.pgetl.it.values;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event.Insert;
import dev.pgetl.internal.row.ExpectedValues;
import dev.pgetl.internal.row.TypeSample;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table with a column for every value of {@code types.jsonl} that the server knows: a row of them
 * and a row of nulls before the pipeline starts, and both again when it streams.
 */
final class SampleTable {
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
  private final List<TypeSample> samples;
  private final List<String> differences = new ArrayList<>();

  SampleTable(int serverMajor) {
    this(TypeSample.all().stream().filter(sample -> since(sample) <= serverMajor).toList());
  }

  private SampleTable(List<TypeSample> samples) {
    this.samples = samples;
  }

  /**
   * {@return the same without the columns whose values are not read in binary format}
   *
   * @param table its schema
   */
  SampleTable readInBinary(TableSchema table) {
    return new SampleTable(
        IntStream.range(0, samples.size())
            .filter(i -> WireRow.readsBinary(only(table, i)))
            .mapToObj(samples::get)
            .toList());
  }

  private static TableSchema only(TableSchema table, int column) {
    return table.toBuilder().columns(List.of(table.column(column))).build();
  }

  /** {@return what the columns hold, in their order} */
  List<TypeSample> samples() {
    return samples;
  }

  /** {@return the table and a publication of it} */
  String create() {
    return USER_TYPES
        + "create table sample ("
        + list(sample -> "c" + sample.number() + " " + sample.type())
        + "); create publication pub for table sample;";
  }

  /** {@return both rows} */
  String insert() {
    return "insert into sample values ("
        + list(sample -> "(" + expression(sample) + ")::" + sample.type())
        + "); insert into sample default values;";
  }

  /** {@return what did not come out as stated; empty if everything did} */
  List<String> differences(Scenario scenario) {
    differences.clear();
    compare("copy", scenario.destination().copiedRows("sample"));
    compare("stream", scenario.changes("sample", Insert.class).stream().map(Insert::row).toList());
    return List.copyOf(differences);
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

  private void compare(String path, List<TableRow> rows) {
    if (rows.size() != 2 || rows.get(0).columnCount() != samples.size()) {
      differences.add(path + ": " + rows.size() + " rows");
      return;
    }
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
      differences.add(
          "%s | %s | stated %s, got %s".formatted(sample, what, shown(stated), shown(actual)));
    }
  }

  private static String shown(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }

  private String list(Function<TypeSample, String> item) {
    return samples.stream().map(item).collect(Collectors.joining(", "));
  }
}
