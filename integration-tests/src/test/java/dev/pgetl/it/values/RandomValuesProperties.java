package dev.pgetl.it.values;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.it.Scenario;
import dev.pgetl.it.values.RandomType.Literal;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Random values of random types: what was written is what the copy gives and what the stream gives,
 * and their text is what the server prints (S68).
 */
class RandomValuesProperties {
  @RegisterExtension private static final Seed SEED = Seed.of("values");
  private static final int COUNT = RandomRuns.count("values.count", 100_000);
  private static final int COLUMNS = 100;
  private static final int ROWS = 100;
  private static final int TABLES_AT_ONCE = 10;
  private static final int ROWS_PER_INSERT = 20;
  private static final int DEPTH = 3;

  private final RandomGenerator random = new SplittableRandom(SEED.value());
  private final List<String> failures = new ArrayList<>();

  /** A table, and its rows as they were written. */
  private record Written(String table, List<RandomType> types, List<List<Literal>> rows) {}

  @Test
  void whatIsWrittenComesOutOfBothPaths() throws InterruptedException, SQLException {
    System.out.println("random values: -Dvalues.count=" + COUNT + " " + SEED);
    int tables = Math.max(1, COUNT / (COLUMNS * ROWS));
    for (int done = 0; done < tables; done += TABLES_AT_ONCE) {
      check(Math.min(TABLES_AT_ONCE, tables - done));
    }
    assertThat(failures.stream().limit(20)).as("%d failures", failures.size()).isEmpty();
  }

  private void check(int tables) throws InterruptedException, SQLException {
    try (Scenario scenario = Scenario.with(RandomTypes.SETUP)) {
      RandomTypes types = new RandomTypes(random, TestPostgres.shared().majorVersion());
      List<Written> written = new ArrayList<>();
      try (Connection connection = scenario.source().connect();
          Statement statement = connection.createStatement()) {
        for (int i = 0; i < tables; i++) {
          written.add(write(statement, "t" + i, types));
        }
        statement.execute("create publication pub for all tables");
        scenario.start().awaitReady();
        for (Written table : written) {
          statement.execute("insert into %1$s select * from %1$s".formatted(table.table()));
        }
      }
      scenario.awaitApplied();
      written.forEach(table -> check(scenario, table));
    }
  }

  private Written write(Statement statement, String table, RandomTypes random) throws SQLException {
    List<RandomType> types = IntStream.range(0, COLUMNS).mapToObj(i -> random.next(DEPTH)).toList();
    statement.execute(random.takeDdl());
    String columns =
        IntStream.range(0, COLUMNS)
            .mapToObj(i -> "c" + i + " " + types.get(i).sql())
            .collect(Collectors.joining(","));
    statement.execute("create table %s (n int, %s)".formatted(table, columns));
    List<List<Literal>> rows = new ArrayList<>();
    while (rows.size() < ROWS) {
      rows.addAll(insert(statement, table, types, rows.size()));
    }
    return new Written(table, types, rows);
  }

  private List<List<Literal>> insert(
      Statement statement, String table, List<RandomType> types, int first) throws SQLException {
    List<List<Literal>> rows = new ArrayList<>();
    List<String> sql = new ArrayList<>();
    for (int row = first; row < first + ROWS_PER_INSERT; row++) {
      List<Literal> values = types.stream().map(type -> type.nextOrNull(random)).toList();
      rows.add(values);
      sql.add(
          values.stream().map(Literal::sql).collect(Collectors.joining(",", "(" + row + ",", ")")));
    }
    statement.execute("insert into " + table + " values " + String.join(",", sql));
    return rows;
  }

  private void check(Scenario scenario, Written table) {
    List<List<@Nullable String>> texts =
        scenario.source().query("select distinct on (n) * from " + table.table() + " order by n");
    Comparator<TableRow> byNumber = Comparator.comparingInt(row -> row.getInt(0));
    List<TableRow> copied =
        scenario.destination().copiedRows(table.table()).stream().sorted(byNumber).toList();
    List<TableRow> streamed =
        scenario.destination().changes(table.table()).stream()
            .map(change -> ((Event.Insert) change).row())
            .sorted(byNumber)
            .toList();
    assertThat(copied).as("copied rows").hasSize(ROWS);
    assertThat(streamed).as("streamed rows").hasSize(ROWS);
    for (int row = 0; row < ROWS; row++) {
      check(table, row, "copy", copied.get(row), texts.get(row));
      check(table, row, "stream", streamed.get(row), texts.get(row));
    }
  }

  private void check(
      Written table, int number, String path, TableRow row, List<@Nullable String> texts) {
    for (int column = 0; column < COLUMNS; column++) {
      Literal written = table.rows().get(number).get(column);
      Object value = value(row, column + 1);
      if (!Objects.equals(written.value(), value)
          || !Objects.equals(texts.get(column + 1), row.text(column + 1))) {
        failures.add(
            "%s.c%d %s, row %d, %s: written %s as %s, the server prints %s, got %s from %s"
                .formatted(
                    table.table(),
                    column,
                    table.types().get(column).sql(),
                    number,
                    path,
                    written.value(),
                    written.sql(),
                    texts.get(column + 1),
                    value,
                    row.text(column + 1)));
      }
    }
  }

  private static @Nullable Object value(TableRow row, int index) {
    try {
      return row.get(index);
    } catch (EtlException e) {
      return e;
    }
  }
}
