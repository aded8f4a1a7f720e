package dev.pgetl.it.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.event.Event.Insert;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Primary keys and not-null constraints that change while a table streams: receivers use them, so
 * each version says what held for its rows, or that it is not known.
 */
class KeyChangeIT {
  private static final String TABLE =
      """
      create table t(a int not null, b int not null, c int not null unique, v text not null, constraint k primary key (%s));
      create publication pub for table t;
      insert into t values (1, 1, 1, 'x'), (2, 2, 2, 'y');
      """;

  private static final String FULL = "alter table t replica identity full;";
  private static final String INDEX = "alter table t replica identity using index t_c_key;";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a   | drop constraint k, add primary key (b)                | b   | insert into t values (1, 3, 3, 'z'), (1, 4, 4, 'w')",
        "a   | drop constraint k, add primary key (a, b)             | a,b | insert into t values (1, 3, 3, 'z'), (1, 4, 4, 'w')",
        "a,b | drop constraint k, add primary key (b, a)             | b,a | insert into t values (1, 3, 3, 'z'), (1, 4, 4, 'w')",
        "a   | drop constraint k, add primary key using index t_c    | c   | insert into t values (1, 3, 3, 'z'), (1, 4, 4, 'w')",
      })
  void theKeyOfTheRowsIsDescribed(String before, String change, String after, String rows)
      throws InterruptedException {
    for (String identity : List.of("", FULL, INDEX)) {
      try (Scenario scenario =
          Scenario.with(TABLE.formatted(before) + "create unique index t_c on t(c);" + identity)
              .start()
              .awaitReady()) {
        scenario.source().execute("insert into t values (9, 9, 9, 'i')");
        scenario.awaitApplied();
        scenario.source().execute("alter table t " + change + ";" + rows);
        scenario.awaitApplied();
        scenario.stop().start();
        scenario.source().execute("insert into t values (1, 5, 5, 'q')");
        scenario.awaitApplied();

        assertThat(keys(scenario)).as(identity).containsExactly(before, after, after, after);
        assertThat(scenario.versions(scenario.tableId("t"))).hasSize(1);
        DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "t");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {FULL, INDEX})
  void aKeyThatCameOrWentIsDescribed(String identity) throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE.formatted("a") + identity).start().awaitReady()) {
      scenario
          .source()
          .execute("alter table t drop constraint k; insert into t values (1, 3, 3, 'z')");
      scenario.awaitApplied();
      scenario
          .source()
          .execute("alter table t add primary key (b); insert into t values (4, 4, 4, 'z')");
      scenario.awaitApplied();

      assertThat(keys(scenario)).containsExactly("", "b");
    }
  }

  /** A key is moved to a wider column while the pipeline is behind. */
  @ParameterizedTest
  @ValueSource(strings = {"", FULL, INDEX})
  void aKeyOfTheFutureIsNotDescribed(String identity) throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE.formatted("a") + identity).start().awaitReady()) {
      scenario.stop();
      scenario
          .source()
          .execute(
              """
              alter table t add column w text; insert into t values (3, 2, 3, 'z', 'w');
              update t set b = a where b <> a; alter table t drop constraint k, add primary key (b), alter v drop not null;
              insert into t values (3, 4, 4, null, 'w');
              """);
      scenario.start().awaitApplied();

      assertThat(keys(scenario)).containsExactly(identity.isEmpty() ? "a" : "", "b");
      assertThat(scenario.changes("t", Insert.class))
          .extracting(insert -> insert.table().column(3).nullable())
          .containsExactly(true, true);
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "t");
    }
  }

  /** Nothing in the stream shows that it has reached what the catalogue said before. */
  @Test
  void whatWasOfTheFutureIsDescribedOnceItIsThePresent() throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE.formatted("a") + FULL).start().awaitReady()) {
      scenario.stop();
      scenario
          .source()
          .execute(
              """
              insert into t values (3, 3, 3, 'z');
              alter table t drop constraint k, add primary key (b); insert into t values (4, 4, 4, 'w');
              """);
      scenario.start().awaitApplied();
      scenario.source().execute("insert into t values (5, 5, 5, 'w')");
      scenario.awaitApplied();

      assertThat(keys(scenario)).containsExactly("", "b", "b");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", FULL, INDEX})
  void nullsAreAnnounced(String identity) throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE.formatted("a") + identity).start().awaitReady()) {
      scenario
          .source()
          .execute("alter table t alter v drop not null; insert into t values (3, 3, 3, null)");
      scenario.awaitApplied();
      scenario
          .source()
          .execute(
              "update t set v = ''; alter table t alter v set not null; insert into t values (4, 4, 4, 'v')");
      scenario.awaitApplied();

      assertThat(scenario.versions(scenario.tableId("t")))
          .extracting(version -> version.column(3).nullable())
          .containsExactly(true, false);
    }
  }

  /** What does not change a description is no version, however often Postgres repeats it. */
  @Test
  void aRepeatedDescriptionIsNoVersion() throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE.formatted("b,a") + FULL).start().awaitReady()) {
      for (String act :
          List.of(
              "analyze t",
              "alter table t alter v set statistics 5",
              "reindex table t",
              "grant select on t to public")) {
        scenario.source().execute(act);
        scenario.source().execute("update t set v = v || 'x' where a = 1");
        scenario.awaitApplied();
      }
      scenario.stop().start();
      scenario.source().execute("insert into t values (3, 3, 3, 'z')");
      scenario.awaitApplied();

      assertThat(scenario.versions(scenario.tableId("t"))).isEmpty();
    }
  }

  private static List<String> keys(Scenario scenario) {
    return scenario.changes("t", Insert.class).stream()
        .map(Event.Insert::table)
        .map(KeyChangeIT::key)
        .toList();
  }

  private static String key(TableSchema version) {
    return String.join(",", version.primaryKey().stream().map(ColumnSchema::name).toList());
  }
}
