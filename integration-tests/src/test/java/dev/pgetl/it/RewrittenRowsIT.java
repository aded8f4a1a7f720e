package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.destination.DeliveryAssert;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ALTER TABLE} writes values into rows that are there, and Postgres sends no event of it.
 */
class RewrittenRowsIT {
  private static final String ITEMS =
      """
      create domain amount as int default 7;
      create table items(id int primary key, n int, v varchar(10), d numeric(10, 2));
      insert into items values (1, 5, 'a', 1.5);
      create publication pub for table items;
      """;

  private static Scenario altered(String alter) throws InterruptedException {
    Scenario scenario = Scenario.with(ITEMS).start().awaitReady();
    scenario.source().execute(alter);
    scenario.source().execute("insert into items(id) values (4)");
    return scenario.awaitApplied();
  }

  private static String difference(Scenario scenario) {
    return difference(scenario, "items");
  }

  private static String difference(Scenario scenario, String table) {
    return Objects.requireNonNull(
            scenario.pipeline().status().tables().get(scenario.tableId(table)))
        .difference()
        .orElse("");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table items add x timestamptz default now()",
        "alter table items add x float default random()",
        "alter table items add x serial",
        "alter table items add x int generated always as identity",
        "alter table items add x amount",
        "alter table items add x int default 1; alter table items alter x set default 2 + 0",
        "alter table items add x int default 1; alter table items alter x set default 2",
        "alter table items add x int default 1; alter table items alter x drop default",
        "alter table items add x money default 5; alter table items alter x set default '6'",
        "alter table items alter n type text using 'n' || n",
        "alter table items alter n type bigint",
        "alter table items alter d type numeric(10, 1)",
        "alter table items alter v type varchar(1)",
        "alter table items drop v; alter table items add v varchar(10)"
      })
  void theTableIsReportedUntilItIsCopiedAgain(String alter) throws InterruptedException {
    try (Scenario scenario = altered(alter)) {
      assertThat(difference(scenario)).contains("its column ");
      scenario.stop();
      scenario.start();
      assertThat(difference(scenario)).as("after a restart").contains("its column ");

      scenario.pipeline().resync(scenario.tableId("items"));
      scenario.awaitReady("items");
      assertThat(difference(scenario)).isEmpty();
      scenario.source().execute("insert into items(id) values (3)");
      scenario.awaitApplied();
      assertThat(difference(scenario)).isEmpty();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "items");
    }
  }

  /** The stream reports the new columns with the next change of the table. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table items add x float default random()",
        "alter table items alter n type bigint",
        "alter table items drop v; alter table items add v varchar(10)"
      })
  void aTableThatNeverChangesAgainIsReported(String alter) throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(ITEMS)
            .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(100)))
            .start()
            .awaitReady()) {
      scenario.source().execute(alter);
      await().atMost(Scenario.PATIENCE).until(() -> difference(scenario).contains("its column "));
    }
  }

  /** What it was given in rows from before is written in the leaves. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "add x int default 5 | false",
        "add x int default 5; alter table parts alter x set default 6 | true",
        "add x float default random() | true",
        "add x float default random(); alter table parts alter x drop default | true",
        "add x int | false"
      })
  void aPartitionedTableIsReportedToo(String alter, boolean reported) throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table parts(id int primary key) partition by range (id);
                create table low partition of parts for values from (0) to (10) partition by range (id);
                create table lowest partition of low for values from (0) to (5);
                insert into parts values (1);
                create publication pub for table parts with (publish_via_partition_root = true);
                """)
            .start()
            .awaitReady()) {
      scenario.source().execute("alter table parts " + alter + "; insert into parts values (2)");
      scenario.awaitApplied();
      assertThat(difference(scenario, "parts").contains("its column x was added"))
          .isEqualTo(reported);
    }
  }

  /** Between bars are transactions of their own. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "begin; alter table items add x float default random(); alter table items alter x drop default; commit",
        "alter table items add x float default random() | alter table items alter x drop default",
        "alter table items add x int generated by default as identity | alter table items alter x drop identity",
        "alter table items add x int generated always as (n * 2) stored | alter table items alter x drop expression",
        "alter table items add x int default 5 | alter table items alter x drop default | vacuum full items",
        "alter table items add x int not null default 5 | alter table items alter x drop default"
            + " | vacuum full items | grant select on items to public"
      })
  void aColumnWhoseDefaultIsGoneIsReported(String statements) throws InterruptedException {
    try (Scenario scenario = Scenario.with(ITEMS).start().awaitReady()) {
      for (String statement : statements.split(" \\| ")) {
        scenario.source().execute(statement);
      }
      scenario.source().execute("insert into items(id, x) values (2, 7)");
      scenario.awaitApplied();
      assertThat(difference(scenario)).contains("its column x was added with values");
    }
  }

  /** The catalogue no longer describes what the first statement made. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table items alter n type text using 'n' || n; insert into items(id) values (2);"
            + " alter table items alter n type varchar(20)",
        "alter table items add x int default 5; insert into items(id) values (2);"
            + " alter table items alter x type bigint"
      })
  void aColumnThatIsAlteredTwiceIsReported(String statements) throws InterruptedException {
    try (Scenario scenario = altered("begin; " + statements + "; commit")) {
      assertThat(difference(scenario)).contains("changed again before the pipeline saw it");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vacuum full items | %s",
        "%s | vacuum full items",
        "%s | truncate items",
        "begin; %s; update items set x = n; alter table items alter x set not null; commit"
      })
  void aPlainColumnIsNoDifference(String order) throws InterruptedException {
    try (Scenario scenario = Scenario.with(ITEMS).start().awaitReady()) {
      for (String statement : order.formatted("alter table items add x int").split(" \\| ")) {
        scenario.source().execute(statement);
      }
      scenario.source().execute("insert into items(id, x) values (2, 7)");
      scenario.awaitApplied();
      assertThat(difference(scenario)).isEmpty();
    }
  }

  @Test
  void soIsOneThatWasAlteredDuringAStop() throws InterruptedException {
    try (Scenario scenario = Scenario.with(ITEMS).start().awaitReady()) {
      scenario.stop();
      scenario.source().execute("alter table items add x float default random()");
      scenario.start();
      assertThat(difference(scenario)).contains("its column x was added");
    }
  }

  /** Rows from before have null, or the constant that the event of the new version carries. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table items add x int",
        "alter table items add x int; alter table items alter x set statistics 10",
        "truncate items; alter table items add x int, add y int; grant select on items to public",
        "alter table items add x int default 5",
        "alter table items add x money default '5'",
        "alter table items add x text default 'it''s'",
        "alter table items add x numeric(10, 2) default 0",
        "alter table items add x boolean default false not null",
        "alter table items add x jsonb default '{}'",
        "alter table items add x varchar(20) default 'a'",
        "alter table items add x timestamp(3) with time zone default '2020-01-01'",
        "alter table items alter v type varchar(20)",
        "alter table items alter v type text",
        "alter table items alter d type numeric(12, 2)",
        "alter table items rename n to m",
        "alter table items drop n",
        "alter table items alter n set default 9"
      })
  void otherChangesAreNoDifference(String alter) throws InterruptedException {
    try (Scenario scenario = altered(alter)) {
      assertThat(difference(scenario)).isEmpty();
    }
  }
}
