package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.Event;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions, other families of tables, and the choice of what is copied. */
class PartitionIT {
  private static final String TWO_PARTITIONS =
      """
      create table ev(id int, k int, data text, primary key (id, k)) partition by range (k);
      create table ev_1 partition of ev for values from (0) to (100); create table ev_2 partition of ev for values from (100) to (200);
      insert into ev values (1, 50, 'a'), (2, 150, 'b');
      """;

  private static final String NESTED =
      """
      create table ev(id int, k int, data text, primary key (id, k)) partition by range (k);
      create table ev_1 partition of ev for values from (0) to (100); create table ev_2 partition of ev for values from (100) to (200) partition by range (k);
      create table ev_2a partition of ev_2 for values from (100) to (150); create table ev_2b partition of ev_2 for values from (150) to (200);
      insert into ev values (1, 50, 'a'), (2, 120, 'b'), (3, 170, 'c');
      """;

  private static final String CHANGES =
      """
      insert into ev values (3, 60, 'c'); insert into ev_2 values (4, 160, 'd');
      create table ev_3 partition of ev for values from (200) to (300); insert into ev values (5, 250, 'e');
      """;

  /** S52. */
  @Test
  void throughTheRootThereIsOneTable() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                TWO_PARTITIONS
                    + "create publication pub for table ev with (publish_via_partition_root = true)")
            .start()
            .awaitReady()) {
      scenario.source().execute(CHANGES);
      scenario.awaitApplied();

      TableId root = scenario.tableId("ev");
      assertThat(scenario.store().getTableReplicationStates()).containsOnlyKeys(root);
      assertThat(scenario.destination().copiedRows("ev")).hasSize(2);
      assertThat(scenario.destination().changes("ev"))
          .hasSize(3)
          .allSatisfy(change -> assertThat(((Event.Insert) change).table().id()).isEqualTo(root));
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "ev");
    }
  }

  /** S53. */
  @Test
  void byLeafEveryPartitionIsATable() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(TWO_PARTITIONS + "create publication pub for table ev")
            .start()
            .awaitReady()) {
      scenario.source().execute(CHANGES);
      scenario.awaitApplied();
      assertThat(scenario.store().getTableReplicationStates())
          .containsOnlyKeys(scenario.tableId("ev_1"), scenario.tableId("ev_2"));
      RecordingDestination destination = scenario.destination();
      assertThat(destination.tables()).containsExactlyInAnyOrder("public.ev_1", "public.ev_2");
      for (String leaf : List.of("ev_1", "ev_2")) {
        assertThat(destination.copiedRows(leaf)).hasSize(1);
        assertThat(destination.changes(leaf)).hasSize(1);
      }
      scenario.stop();

      scenario.start().awaitReady();
      assertThat(destination.copiedRows("ev_3")).hasSize(1);
      DeliveryAssert.assertThat(destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), "ev_1", "ev_2", "ev_3");
    }
  }

  /** S53, a table in the middle of a hierarchy. */
  @Test
  void byLeafATableInTheMiddleStandsForItsOwnLeaves() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(NESTED + "create publication pub for table ev_2").start().awaitReady()) {
      scenario.source().execute("insert into ev values (4, 60, 'd'), (5, 130, 'e'), (6, 180, 'f')");
      scenario.awaitApplied();
      assertThat(scenario.store().getTableReplicationStates())
          .containsOnlyKeys(scenario.tableId("ev_2a"), scenario.tableId("ev_2b"));
      assertThat(scenario.destination().changes("ev_2a")).hasSize(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "ev_2a", "ev_2b");
    }
  }

  /** S55. */
  @Test
  void throughTheRootATableInTheMiddleIsOneTable() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                NESTED
                    + "create publication pub for table ev_2 with (publish_via_partition_root = true)")
            .start()
            .awaitReady()) {
      scenario.source().execute("insert into ev values (4, 60, 'd'), (5, 130, 'e'), (6, 180, 'f')");
      scenario.awaitApplied();
      TableId middle = scenario.tableId("ev_2");
      assertThat(scenario.store().getTableReplicationStates()).containsOnlyKeys(middle);
      assertThat(scenario.destination().tables()).containsExactly("public.ev_2");
      assertThat(scenario.destination().copiedRows("ev_2")).hasSize(2);
      assertThat(scenario.destination().changes("ev_2")).hasSize(2);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "ev_2");
    }
  }

  /** S55, with a row filter. The rows it leaves out make the copy worth four connections. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aRowFilterOfTheRootHoldsForTheCopyOfItsLeaves(int connections) throws InterruptedException {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    try (Scenario scenario =
        Scenario.with(
                NESTED
                    + """
                    alter table ev alter data set storage plain;
                    alter table ev_2b alter data set storage plain;
                    insert into ev select g, 160, repeat('p', 1700) from generate_series(11, 9000) g;
                    create publication pub for table ev_2 where (k < 150) with (publish_via_partition_root = true);
                    """)
            .options(builder -> builder.maxCopyConnectionsPerTable(connections))) {
      Hold hold = scenario.destination().on(Operation.ROWS).once().hold();
      scenario.start();
      hold.awaitReached();
      assertThat(ServerSide.copyConnections(scenario)).isEqualTo(connections);
      hold.release();
      scenario.awaitReady();
      scenario.source().execute("insert into ev values (5, 130, 'e'), (6, 180, 'f')");
      scenario.awaitApplied();
      assertThat(scenario.destination().copiedRows("ev_2"))
          .singleElement()
          .satisfies(row -> assertThat(row.text(1)).isEqualTo("120"));
      assertThat(scenario.destination().changes("ev_2")).hasSize(1);
    }
  }

  /** The stream says nothing of rows that come and go with their partition: it is reported. */
  @Test
  void partitionsAttachedAndDetachedAreReportedAndAResyncMendsTheTable()
      throws InterruptedException {
    Queue<String> reports = new ConcurrentLinkedQueue<>();
    try (Scenario scenario =
        Scenario.with(
                TWO_PARTITIONS
                    + "create publication pub for table ev with (publish_via_partition_root = true)")
            .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(200)))
            .listener(
                new PipelineListener() {
                  @Override
                  public void onPartitionsChanged(
                      TableId id,
                      TableName name,
                      Set<TableName> attached,
                      Set<TableName> detached) {
                    reports.add(name + " +" + attached + " -" + detached);
                  }
                })
            .start()
            .awaitReady()) {
      scenario
          .source()
          .execute(
              """
              create table ev_3(id int, k int, data text, primary key (id, k)); insert into ev_3 values (3, 250, 'c');
              begin; alter table ev attach partition ev_3 for values from (200) to (300); alter table ev detach partition ev_1; commit;
              """);
      await().atMost(Scenario.PATIENCE).until(() -> !reports.isEmpty());
      scenario.awaitApplied();
      assertThat(scenario.destination().changes("ev")).isEmpty();
      scenario.source().execute("alter table ev_2 rename to ev_two");
      scenario.pipeline().resync(scenario.tableId("ev"));
      scenario.awaitReady("ev");
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "ev");
      assertThat(reports).containsExactly("public.ev +[public.ev_3] -[public.ev_1]");
    }
  }

  /** S56. */
  @Test
  void aTableWhoseCopyIsSkippedStartsWithItsChanges() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(
                builder ->
                    builder.tableCopy(
                        TableCopyConfig.except(Set.of(new TableName("public", "users")))))) {
      scenario
          .source()
          .execute(
              "insert into users(name, age) values ('a', 1); insert into orders(description) values ('a')");
      scenario.start().awaitReady();
      scenario.source().execute("insert into users(name, age) values ('b', 2)");
      scenario.awaitApplied();
      assertThat(scenario.destination().rowWrites("users")).isEqualTo(1);
      assertThat(scenario.destination().copiedRows("users")).isEmpty();
      assertThat(scenario.destination().changes("users")).hasSize(1);
      assertThat(scenario.destination().copiedRows("orders")).hasSize(1);
    }
  }

  /** S57. */
  @Test
  void everyTableOfAllTablesIsItselfAndNothingElseIsATable() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table base(id int primary key, v text); create table kid(primary key (id)) inherits (base);
                insert into base values (1,'b'); insert into kid values (2,'k');
                create unlogged table ul(id int primary key); create view vw as select * from base; create materialized view mv as select * from base;
                create foreign data wrapper elsewhere; create server far foreign data wrapper elsewhere;
                create foreign table ft(v text) server far;
                create publication pub for all tables;
                """)
            .start()
            .awaitReady()) {
      scenario
          .source()
          .execute(
              """
              insert into base values (3,'b'); insert into kid values (4,'k'); insert into ul values (1); refresh materialized view mv;
              create temporary table tmp(id int primary key); insert into tmp values (1);
              """);
      scenario.awaitApplied();
      assertThat(scenario.store().getTableReplicationStates())
          .containsOnlyKeys(scenario.tableId("base"), scenario.tableId("kid"));
      assertThat(scenario.destination().copiedRows("base")).hasSize(1);
      assertThat(scenario.destination().copiedRows("kid")).hasSize(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "kid");
      assertThat(scenario.destination().materialise("base"))
          .extracting(row -> row.text(0))
          .containsExactlyInAnyOrder("1", "3");
    }
  }

  private static final String UNSENT_PARTITIONS =
      """
      create table ev(id int, k int, primary key (id, k)) partition by range (k);
      create table ev_1 partition of ev for values from (0) to (100);
      create unlogged table ev_2 partition of ev for values from (100) to (200);
      insert into ev values (1, 50), (2, 150);
      """;

  @Test
  void partitionsWhoseChangesAreNotSentAreReportedAndLeftOutOfTheCopy()
      throws InterruptedException {
    LogRecorder log = new LogRecorder();
    log.start();
    try (Scenario scenario =
        Scenario.with(
                UNSENT_PARTITIONS
                    + "create publication pub for table ev with (publish_via_partition_root = true)")
            .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(200)))
            .start()
            .awaitReady()) {
      assertThat(scenario.destination().copiedRows("ev")).hasSize(1);
      assertThat(log.lines("public.ev_2 is an unlogged table")).hasSize(1);
      scenario
          .source()
          .execute(
              "create unlogged table ev_3 partition of ev for values from (200) to (300); insert into ev values (3, 60), (4, 250)");
      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> log.lines("public.ev_3 is an unlogged table").size() == 1);
      scenario.awaitApplied();
      assertThat(scenario.destination().changes("ev")).hasSize(1);
    } finally {
      log.stop();
    }
  }

  @Test
  void aPartitionWhoseChangesAreNotSentIsAnErrorByLeaf() throws InterruptedException {
    LogRecorder log = new LogRecorder();
    log.start();
    try (Scenario scenario =
        Scenario.with(
                UNSENT_PARTITIONS
                    + """
                    create foreign data wrapper elsewhere; create server far foreign data wrapper elsewhere;
                    create table far_ev(k int) partition by range (k);
                    create foreign table ev_3 partition of far_ev for values from (200) to (300) server far;
                    create publication pub for table ev, far_ev;
                    """)
            .start()) {
      scenario.awaitReady("ev_1");
      scenario.awaitPhase("ev_2", Errored.class);
      scenario.awaitPhase("ev_3", Errored.class);
      Errored unlogged = (Errored) scenario.phase("ev_2");
      assertThat(unlogged.reason()).contains("public.ev_2 is an unlogged table");
      assertThat(unlogged.solution()).contains("SET LOGGED");
      assertThat(unlogged.retryDirective()).isEqualTo(RetryDirective.MANUAL);
      assertThat(((Errored) scenario.phase("ev_3")).reason())
          .contains("public.ev_3 is a foreign table");
      assertThat(log.lines("sends none of its changes; ")).hasSize(2);
      assertThat(scenario.destination().copiedRows("ev_2")).isEmpty();
    } finally {
      log.stop();
    }
  }
}
