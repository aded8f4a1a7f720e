package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.RowTransform;
import dev.pgetl.destination.TableTransform;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ADD COLUMN} with a constant default gives a value to rows that are there, and Postgres
 * sends no event of it. Rules change what a row has in that column.
 */
class AddedColumnRulesIT {
  private static final String ITEMS =
      """
      create table items(id int primary key, n int);
      insert into items values (1, 5);
      create publication pub for table items;
      """;

  private static final TableTransform MASK =
      table ->
          table.indexOf("x") < 0
              ? TableTransform.keepColumns("id", "n").prepare(table)
              : TableTransform.maskColumn("x", text -> "#" + text).prepare(table);

  /** {@return a scenario with a new column, after an insert that has its default} */
  private static Scenario added(TableTransform transform, String column)
      throws InterruptedException {
    Scenario scenario = Scenario.with(ITEMS).rules(builder -> builder.transformAll(transform));
    scenario.start().awaitReady();
    scenario.source().execute("alter table items add x " + column);
    scenario.source().execute("insert into items(id) values (2)");
    return scenario.awaitApplied();
  }

  private static String difference(Scenario scenario) {
    return Objects.requireNonNull(
            scenario.pipeline().status().tables().get(scenario.tableId("items")))
        .difference()
        .orElse("");
  }

  private static @Nullable String defaultOf(TableSchema table, String column) {
    return table.column(table.indexOf(column)).defaultExpression();
  }

  private static Event.Insert inserted(Scenario scenario) {
    List<Event.Insert> inserts = scenario.changes("items", Event.Insert.class);
    return inserts.get(inserts.size() - 1);
  }

  /** The row has the default as Postgres sends it; so the description says the same of others. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "int default 5",
        "bigint default -5",
        "numeric default 1.50",
        "numeric(10, 2) default 5",
        "numeric(10, 1) default 1.25",
        "text default 'it''s'",
        "varchar(20) default 'a'",
        "boolean not null default false",
        "date default '2020-01-31'",
        "uuid default 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"
      })
  void aMaskedDefaultIsTheMaskOfItsValue(String column) throws InterruptedException {
    try (Scenario scenario = added(MASK, column)) {
      Event.Insert inserted = inserted(scenario);
      String masked = Objects.requireNonNull(inserted.row().text("x"));
      assertThat(masked).startsWith("#");
      assertThat(defaultOf(inserted.table(), "x"))
          .isEqualTo("'" + masked.replace("'", "''") + "'::text");
      assertThat(difference(scenario)).isEmpty();
    }
  }

  /** The constant does not show how Postgres sends the value. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "char(5) default 'ab'",
        "float default 1.50",
        "jsonb default '{}'",
        "text default 'a\\b'"
      })
  void anotherMaskedDefaultIsReported(String column) throws InterruptedException {
    try (Scenario scenario = added(MASK, column)) {
      assertThat(difference(scenario))
          .isEqualTo(
              "its column x was added with a value for the rows there, and a transform changes it");
      assertThat(defaultOf(inserted(scenario).table(), "x")).isNull();

      scenario.pipeline().resync(scenario.tableId("items"));
      scenario.awaitReady("items");
      assertThat(difference(scenario)).isEmpty();
      scenario.source().execute("insert into items(id) values (3)");
      scenario.awaitApplied();
      assertThat(difference(scenario)).isEmpty();
    }
  }

  @Test
  void otherTransformsOfTheLibraryPassADefaultOn() throws InterruptedException {
    TableTransform chain =
        TableTransform.dropColumns("n")
            .andThen(
                table ->
                    table.indexOf("x") < 0
                        ? TableTransform.keepColumns("id").prepare(table)
                        : TableTransform.renameColumn("x", "y").prepare(table));
    try (Scenario scenario = added(chain, "int default 5")) {
      TableSchema table = inserted(scenario).table();
      assertThat(defaultOf(table, "y")).isEqualTo("5");
      assertThat(difference(scenario)).isEmpty();
    }
  }

  @Test
  void aColumnThatIsLeftOutIsNoDifference() throws InterruptedException {
    try (Scenario scenario = added(TableTransform.keepColumns("id", "n"), "jsonb default '{}'")) {
      assertThat(difference(scenario)).isEmpty();
    }
  }

  /** What it does to rows from before is not known, unless it says so. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTransformOfTheUserIsReportedUnlessItLeavesTheColumn(boolean leaves)
      throws InterruptedException {
    try (Scenario scenario = added(table -> new Unchanged(table, leaves), "int default 5")) {
      assertThat(difference(scenario).isEmpty()).isEqualTo(leaves);
    }
  }

  private record Unchanged(TableSchema table, boolean leaves) implements RowTransform {
    @Override
    public TableRow apply(TableRow row) {
      return row;
    }

    @Override
    public boolean leavesUnchanged(String column) {
      return leaves;
    }
  }
}
