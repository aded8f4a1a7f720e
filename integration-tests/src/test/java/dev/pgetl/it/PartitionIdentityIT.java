package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event.Delete;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.event.Event.Update;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Partitions published through their root, whose old rows the server writes by the identity of the
 * partition and describes by that of the root.
 */
class PartitionIdentityIT {
  private static final String PARTITIONED =
      """
      create table t(id int not null, a text, b text not null) partition by range (id);
      create table t1 partition of t for values from (0) to (100); create table t2 partition of t for values from (100) to (200);
      create publication pub for table t with (publish_via_partition_root = true);
      """;

  private static final String ROWS =
      "insert into t values (1, 'a', 'b'), (2, null, 'b'), (101, 'a', 'b');";
  private static final String CHANGES =
      "update t set a = 'c' where id = 1; update t set id = 3 where id = 1; delete from t where id = 2; delete from t where id = 101;";

  private final LogRecorder log = new LogRecorder();

  @AfterEach
  void stopRecording() {
    log.stop();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table %s add primary key (id);",
        "create unique index %1$s_i on %1$s(id); alter table %1$s replica identity using index %1$s_i;"
      })
  void aKeyOfThePartitionsIsTheKeyOfTheTable(String ofEach) throws InterruptedException {
    try (Scenario scenario = started(ofEach.formatted("t1") + ofEach.formatted("t2"))) {
      scenario.source().execute(CHANGES);
      scenario.awaitApplied();

      List<Update> updates = scenario.changes("t", Update.class);
      TableSchema version = updates.get(0).table();
      assertThat(version.identityColumns()).extracting("name").containsExactly("id");
      assertThat(version.primaryKey()).hasSize(ofEach.contains("primary") ? 1 : 0);
      assertThat(updates.get(0).oldRow()).isNull();
      assertThat(updates.get(1).oldRow()).isNotNull().returns(OldRowKind.KEY, OldRow::kind);
      assertThat(scenario.changes("t", Delete.class))
          .extracting(delete -> delete.oldRow().row().toMap().toString())
          .containsExactly("{id=2}", "{id=101}");
      assertThat(scenario.versions(scenario.tableId("t"))).isEmpty();
      assertThat(log.lines("replica identity")).isEmpty();
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "t");
    }
  }

  @Test
  void partitionsInFullSendWholeRows() throws InterruptedException {
    try (Scenario scenario =
        started("alter table t1 replica identity full; alter table t2 replica identity full;")) {
      scenario.source().execute(CHANGES);
      scenario.awaitApplied();

      assertThat(scenario.changes("t", Delete.class))
          .extracting(delete -> delete.oldRow().kind() + " " + delete.oldRow().row().toMap())
          .containsExactly("FULL {id=2, a=null, b=b}", "FULL {id=101, a=a, b=b}");
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "t");
    }
  }

  /** The server marks the old row as whole, and leaves out all but the key. */
  @Test
  void aRootInFullDoesNotMakeOldRowsWhole() throws InterruptedException {
    try (Scenario scenario =
        started(
            "alter table t replica identity full; alter table t1 add primary key (id); alter table t2 add primary key (id);")) {
      scenario.source().execute(CHANGES);
      scenario.awaitApplied();

      assertThat(scenario.changes("t", Delete.class))
          .extracting(delete -> delete.oldRow().kind() + " " + delete.oldRow().row().toMap())
          .containsExactly("KEY {id=2}", "KEY {id=101}");
      assertThat(scenario.changes("t", Delete.class).get(0).table().replicaIdentity())
          .isEqualTo(ReplicaIdentity.DEFAULT);
      assertThat(log.lines("alter table").size() + log.lines("ALTER TABLE").size()).isPositive();
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "t");
    }
  }

  @Test
  void whatIsSentOfMixedPartitionsIsDelivered() throws InterruptedException {
    try (Scenario scenario =
        started("alter table t1 add primary key (id); alter table t2 replica identity full;")) {
      scenario.source().execute(CHANGES);
      scenario.awaitApplied();

      assertThat(scenario.changes("t", Delete.class))
          .extracting(delete -> delete.oldRow().row().toMap().toString())
          .containsExactly("{id=2}", "{id=101, a=a, b=b}");
      assertThat(scenario.changes("t", Delete.class).get(0).table().identityColumns()).isEmpty();
      assertThat(log.lines("partitions of table public.t"))
          .singleElement()
          .asString()
          .contains("ALTER TABLE");
    }
  }

  @Test
  void aPartitionThatDiffersIsReportedWhenItIsAttached() throws InterruptedException {
    try (Scenario scenario =
        started("alter table t1 add primary key (id); alter table t2 add primary key (id);")) {
      assertThat(log.lines("partitions of table public.t")).isEmpty();
      scenario
          .source()
          .execute(
              "create table t3 partition of t for values from (200) to (300); alter table t3 replica identity full");
      Awaitility.await()
          .atMost(Scenario.PATIENCE)
          .untilAsserted(() -> assertThat(log.lines("partitions of table public.t")).hasSize(1));
    }
  }

  /** What the library's warning advises comes while the pipeline is behind. */
  @Test
  void anOldRowIsNotReadByALaterIdentity() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table t(id int not null, a text, big text) partition by range (id);
                create table t1 partition of t for values from (0) to (100);
                alter table t1 alter big set storage external;
                alter table t replica identity full;
                alter table t1 add primary key (id);
                create publication pub for table t with (publish_via_partition_root = true);
                insert into t values (1, 'a', repeat('x', 100000)), (2, 'a', 'b');
                """)
            .start()
            .awaitReady()) {
      scenario.stop();
      scenario.source().execute("update t set id = 11 where id = 1; delete from t where id = 2");
      scenario.source().execute("alter table t1 replica identity full");
      scenario.start().awaitApplied();

      Update update = scenario.changes("t", Update.class).get(0);
      assertThat(update.oldRow()).isNotNull();
      assertThat(update.row().isPresent("big")).isFalse();
      assertThat(scenario.changes("t", Delete.class).get(0).oldRow().kind())
          .isEqualTo(OldRowKind.KEY);
      scenario.source().execute("delete from t where id = 11");
      scenario.awaitApplied();
      assertThat(scenario.changes("t", Delete.class).get(1).oldRow().kind())
          .isEqualTo(OldRowKind.FULL);
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "t");
    }
  }

  /** By now the key of the root names rows. */
  @Test
  void anOldRowIsNotReadByALaterKeyOfTheRoot() throws InterruptedException {
    try (Scenario scenario =
        started(
            "alter table t replica identity full; alter table t1 add primary key (id); alter table t2 add primary key (id);")) {
      scenario.stop();
      scenario.source().execute("delete from t where id = 2");
      scenario
          .source()
          .execute("alter table t replica identity default; alter table t add primary key (id)");
      scenario.start().awaitApplied();

      assertThat(scenario.changes("t", Delete.class))
          .extracting(delete -> delete.oldRow().kind() + " " + delete.oldRow().row().toMap())
          .containsExactly("KEY {id=2}");
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "t");
    }
  }

  private Scenario started(String identities) throws InterruptedException {
    log.start();
    return Scenario.with(PARTITIONED + identities + ROWS)
        .options(options -> options.publicationRefreshInterval(Duration.ofMillis(200)))
        .start()
        .awaitReady();
  }
}
