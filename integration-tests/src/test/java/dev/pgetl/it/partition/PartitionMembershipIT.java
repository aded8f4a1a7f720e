package dev.pgetl.it.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgetl.event.Event;
import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions that come, go, or are published by their own names, and all tables of a schema. */
class PartitionMembershipIT {
  private static final String EV =
      """
      create table ev(id int, k int, data text, primary key (id, k)) partition by range (k);
      create table ev_1 partition of ev for values from (0) to (100);
      create table ev_2 partition of ev for values from (100) to (200);
      insert into ev values (1, 50, 'a'), (2, 150, 'b');
      """;

  private static final String DETACH =
      "alter table ev detach partition ev_1; insert into ev_1 values (3, 60, 'detached');";

  private static Scenario scenario(String publication) {
    boolean needs15 = publication.contains("schema") || publication.contains("where");
    assumeTrue(TestPostgres.shared().majorVersion() >= 15 || !needs15);
    return Scenario.with(EV + "create publication pub " + publication)
        .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(200)));
  }

  @ParameterizedTest
  @CsvSource({
    "for all tables, false",
    "for all tables, true",
    "for tables in schema public, false",
    "for tables in schema public, true"
  })
  void aDetachedPartitionThatIsStillPublishedBecomesATableOfItsOwn(String tables, boolean restart)
      throws InterruptedException {
    try (Scenario scenario =
        scenario(tables + " with (publish_via_partition_root = true)").start().awaitReady()) {
      if (restart) {
        scenario.stop();
      }
      scenario.source().execute(DETACH);
      if (restart) {
        scenario.start();
      }
      scenario.awaitReady("ev_1");
      scenario.source().execute("insert into ev_1 values (4, 70, 'detached')");
      scenario.awaitApplied();
      assertThat(scenario.destination().copiedRows("ev_1")).hasSize(2);
      assertThat(scenario.changes("ev", Event.Insert.class)).isEmpty();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "ev_1");
    }
  }

  @Test
  void aDetachedPartitionThatIsNoLongerPublishedSendsNothing() throws InterruptedException {
    try (Scenario scenario =
        scenario("for table ev with (publish_via_partition_root = true)").start().awaitReady()) {
      scenario.source().execute(DETACH + "insert into ev values (4, 160, 'c')");
      scenario.awaitApplied();
      assertThat(scenario.destination().tables()).containsExactly("public.ev");
      assertThat(scenario.changes("ev", Event.Insert.class))
          .singleElement()
          .satisfies(insert -> assertThat(insert.row().text(0)).isEqualTo("4"));
    }
  }

  /** It was a table of its own before. */
  @Test
  void byLeafADetachedPartitionThatIsStillPublishedContinues() throws InterruptedException {
    try (Scenario scenario = scenario("for all tables").start().awaitReady()) {
      scenario.source().execute(DETACH);
      scenario.awaitApplied();
      assertThat(scenario.destination().truncations("ev_1")).isEqualTo(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "ev_1", "ev_2");
    }
  }

  @Test
  void byLeafANewPartitionIsTakenInWhileThePipelineRuns() throws InterruptedException {
    try (Scenario scenario = scenario("for table ev").start().awaitReady()) {
      scenario
          .source()
          .execute(
              "create table ev_3 partition of ev for values from (200) to (300);"
                  + "insert into ev values (3, 250, 'c')");
      scenario.awaitReady("ev_3");
      scenario.source().execute("insert into ev values (4, 260, 'd'), (5, 60, 'e')");
      scenario.awaitApplied();
      assertThat(scenario.changes("ev_3", Event.Insert.class)).isNotEmpty();
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "ev_1", "ev_2", "ev_3");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for table ev_1",
        "for table ev_1 with (publish_via_partition_root = true)",
        "for table ev_1 where (k <> 70)",
        "for table ev_1 where (k <> 70) with (publish_via_partition_root = true)"
      })
  void aPartitionMayBePublishedByItself(String publication) throws InterruptedException {
    try (Scenario scenario = scenario(publication)) {
      scenario.source().execute("insert into ev values (3, 70, 'filtered')");
      scenario.start().awaitReady();
      scenario
          .source()
          .execute(
              "insert into ev values (4, 60, 'd'), (5, 160, 'e'); insert into ev_1 values (6, 70, 'f')");
      scenario.awaitApplied();
      assertThat(scenario.store().getTableReplicationStates())
          .containsOnlyKeys(scenario.tableId("ev_1"));
      assertThat(scenario.destination().tables()).containsExactly("public.ev_1");
      boolean filtered = publication.contains("where");
      assertThat(scenario.destination().copiedRows("ev_1")).hasSize(filtered ? 1 : 2);
      assertThat(scenario.destination().changes("ev_1")).hasSize(filtered ? 1 : 2);
    }
  }

  /** The root's name counts. */
  @Test
  void aPartitionPublishedBesideItsRootIsPartOfTheRoot() throws InterruptedException {
    try (Scenario scenario =
        scenario("for table ev, ev_1 with (publish_via_partition_root = true)")
            .start()
            .awaitReady()) {
      scenario.source().execute("insert into ev_1 values (3, 60, 'c')");
      scenario.awaitApplied();
      assertThat(scenario.destination().tables()).containsExactly("public.ev");
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "ev");
    }
  }

  @Test
  void tablesCreatedInOrMovedIntoAPublishedSchemaAreTakenIn() throws InterruptedException {
    try (Scenario scenario = scenario("for tables in schema public")) {
      scenario
          .source()
          .execute(
              """
              create schema elsewhere;
              create table elsewhere.moved(id int primary key); insert into elsewhere.moved values (1);
              """);
      scenario.start().awaitReady();
      assertThat(scenario.destination().tables())
          .containsExactlyInAnyOrder("public.ev_1", "public.ev_2");
      scenario
          .source()
          .execute(
              """
              create table created(id int primary key); insert into created values (1);
              alter table elsewhere.moved set schema public;
              """);
      scenario.awaitReady("created");
      scenario.awaitReady("moved");
      scenario
          .source()
          .execute(
              "insert into created values (2); insert into moved values (2); insert into ev values (3, 60, 'c')");
      scenario.awaitApplied();
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "ev_1", "ev_2", "created", "moved");
    }
  }
}
