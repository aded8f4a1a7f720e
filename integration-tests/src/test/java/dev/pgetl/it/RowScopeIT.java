package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The publication says otherwise than before which rows of a table it sends. */
class RowScopeIT {
  private static final String ITEMS =
      """
      create table items(id int primary key, v text, w text);
      insert into items values (1, 'a', 'b'), (200, 'c', 'd');
      """;

  private static final String PARTS =
      """
      create table parts(id int, k int, primary key (id, k)) partition by range (k);
      create table parts_1 partition of parts for values from (0) to (100);
      insert into parts values (1, 50);
      create publication pub for table parts with (publish_via_partition_root = true);
      """;

  private final List<String> reports = new CopyOnWriteArrayList<>();

  private Scenario scenario(String sql) {
    return Scenario.with(sql)
        .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(200)))
        .listener(
            new PipelineListener() {
              @Override
              public void onTableDiffers(TableId id, TableName name, String reason) {
                reports.add(name + ": " + reason);
              }
            });
  }

  private static String difference(Scenario scenario, String table) {
    return Objects.requireNonNull(
            scenario.pipeline().status().tables().get(scenario.tableId(table)))
        .difference()
        .orElse("");
  }

  private static void executeWhileStopped(Scenario scenario, String sql)
      throws InterruptedException {
    scenario.stop();
    scenario.source().execute(sql);
    scenario.start();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "where (id < 100) | alter publication pub set table items where (id < 1000) | row filter",
        "where (id < 100) | alter publication pub set table items | row filter",
        "(id, v) | alter publication pub set table items (id, v, w) | column list",
        "'' | alter publication pub set (publish = 'insert') | sends (insert)"
      })
  void aChangeWhileStoppedIsReportedUntilTheTableIsCopiedAgain(
      String first, String change, String reported) throws InterruptedException {
    assumeTrue(TestPostgres.shared().majorVersion() >= 15 || first.isEmpty());
    try (Scenario scenario =
        scenario(ITEMS + "create publication pub for table items " + first).start().awaitReady()) {
      executeWhileStopped(scenario, change);
      assertThat(difference(scenario, "items")).contains(reported);
      assertThat(reports).singleElement().asString().contains("public.items", reported);
      scenario.stop();
      scenario.start();
      assertThat(difference(scenario, "items")).as("after a restart").contains(reported);

      scenario.pipeline().resync(scenario.tableId("items"));
      scenario.awaitReady("items");
      assertThat(difference(scenario, "items")).isEmpty();
    }
  }

  @Test
  void aFilterThatIsChangedWhileThePipelineRunsIsReported() throws InterruptedException {
    assumeTrue(TestPostgres.shared().majorVersion() >= 15);
    try (Scenario scenario =
        scenario(ITEMS + "create publication pub for table items where (id < 100)")
            .start()
            .awaitReady()) {
      scenario.source().execute("alter publication pub set table items where (id < 1000)");
      await().atMost(Scenario.PATIENCE).until(() -> !reports.isEmpty());
      scenario.pipeline().resync(scenario.tableId("items"));
      scenario.awaitReady("items");
      scenario.source().execute("insert into items values (201, 'e', 'f')");
      scenario.awaitApplied();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "items");
      assertThat(difference(scenario, "items")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table items add column x int; insert into items values (2, 'e', 'f', 1)",
        "alter table items rename column v to vv; analyze items; vacuum items"
      })
  void whatThePublicationDoesNotSayIsNotReported(String sql) throws InterruptedException {
    try (Scenario scenario =
        scenario(ITEMS + "create publication pub for table items").start().awaitReady()) {
      executeWhileStopped(scenario, sql + "; alter publication pub set table items");
      scenario.awaitApplied();
      assertThat(reports).isEmpty();
      assertThat(scenario.destination().truncations("items")).isEqualTo(1);
    }
  }

  /** It stays published by its own entry. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "table items | add tables in schema public",
        "table items, tables in schema public | drop tables in schema public"
      })
  void aTableThatWasPublishedAllTheTimeIsNotCopiedAgain(String by, String change)
      throws InterruptedException {
    assumeTrue(TestPostgres.shared().majorVersion() >= 15);
    try (Scenario scenario =
        scenario(ITEMS + "create publication pub for " + by).start().awaitReady()) {
      executeWhileStopped(
          scenario, "alter publication pub " + change + "; insert into items values (3, 'c', 'd')");
      scenario.awaitReady().awaitApplied();
      assertThat(scenario.destination().truncations("items")).isEqualTo(1);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "items");
    }
  }

  /** The entry of its schema was there all the time, but the table was not in it. */
  @Test
  void aTableThatLeftItsSchemaAndCameBackWhileStoppedIsCopiedAgain() throws InterruptedException {
    assumeTrue(TestPostgres.shared().majorVersion() >= 15);
    try (Scenario scenario =
        scenario(ITEMS + "create publication pub for table items, tables in schema public")
            .start()
            .awaitReady()) {
      executeWhileStopped(
          scenario,
          """
          create schema away;
          alter publication pub drop table items;
          alter table items set schema away;
          insert into away.items values (3, 'c', 'd');
          alter table away.items set schema public;
          alter publication pub add table items;
          """);
      scenario.awaitReady().awaitApplied();
      assertThat(scenario.destination().truncations("items")).isEqualTo(2);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "items");
    }
  }

  @Test
  void aTableThatLeftAndCameBackWhileStoppedIsCopiedAgain() throws InterruptedException {
    try (Scenario scenario =
        scenario(ITEMS + "create publication pub for table items").start().awaitReady()) {
      executeWhileStopped(
          scenario,
          """
          alter publication pub drop table items;
          update items set v = 'unseen';
          alter publication pub add table items;
          """);
      scenario.awaitReady("items");
      scenario.source().execute("insert into items values (2, 'e', 'f')");
      scenario.awaitReady().awaitApplied();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "items");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table parts_2 partition of parts for values from (100) to (200);"
            + " insert into parts values (3, 130)",
        "create table parts_2(id int, k int, primary key (id, k));"
            + " alter table parts attach partition parts_2 for values from (100) to (200)",
        "create table parts_2 partition of parts for values from (100) to (200) partition by range (k);"
            + " create table parts_21 partition of parts_2 for values from (100) to (150);"
            + " insert into parts values (3, 130)"
      })
  void aPartitionThatBroughtNoRowsIsNoDifference(String create) throws InterruptedException {
    try (Scenario scenario = scenario(PARTS).start().awaitReady()) {
      executeWhileStopped(scenario, create);
      scenario.source().execute("insert into parts values (2, 120)");
      scenario.awaitApplied();
      assertThat(reports).isEmpty();
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "parts");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table parts_2(id int, k int, primary key (id, k)); insert into parts_2 values (2, 120);"
            + " alter table parts attach partition parts_2 for values from (100) to (200)",
        "begin; create table parts_2(id int, k int, primary key (id, k)); insert into parts_2 values (2, 120);"
            + " alter table parts attach partition parts_2 for values from (100) to (200); commit",
        "create table parts_2(id int, k int, primary key (id, k)) partition by range (k);"
            + " create table parts_21 partition of parts_2 for values from (100) to (150);"
            + " insert into parts_2 values (2, 120);"
            + " alter table parts attach partition parts_2 for values from (100) to (200)",
        "alter table parts detach partition parts_1",
        "drop table parts_1"
      })
  void aPartitionThatBroughtOrTookRowsIsReported(String change) throws InterruptedException {
    try (Scenario scenario = scenario(PARTS).start().awaitReady()) {
      executeWhileStopped(scenario, change);
      assertThat(difference(scenario, "parts")).contains("partitions with rows");
      scenario.pipeline().resync(scenario.tableId("parts"));
      scenario.awaitReady("parts");
      assertThat(difference(scenario, "parts")).isEmpty();
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "parts");
    }
  }
}
