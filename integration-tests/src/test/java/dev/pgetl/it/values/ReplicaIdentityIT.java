package dev.pgetl.it.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.event.Event.Delete;
import dev.pgetl.event.Event.Insert;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.event.Event.Update;
import dev.pgetl.event.EventSequence;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of the row before a change, and of large values a change left alone. */
class ReplicaIdentityIT {
  private static final int BIG = 4;
  private static final String A = "a".repeat(8192);
  private static final String B = "b".repeat(8192);
  private static final String C = "c".repeat(8192);

  /** The key's columns stand in another order than in the table. */
  private static final String COMPOSITE_KEY =
      """
      create table p(id bigint, name text, surname text, city text, big text, primary key (surname, id));
      alter table p alter big set storage external;
      create publication pub for table p;
      """;

  private static final String CHANGES =
      """
      insert into p values (1,'alice','smith','rome', repeat('a',8192));
      update p set city = 'vienna' where id = 1;
      update p set big = repeat('b',8192) where id = 1;
      update p set surname = 'smithers', big = repeat('c',8192) where id = 1;
      delete from p where id = 1;
      """;

  /** S26. */
  @Test
  void sendsTheOldKeyWhereItChanged() throws InterruptedException {
    try (Scenario scenario = Scenario.with(COMPOSITE_KEY).start().awaitReady()) {
      scenario.source().execute(CHANGES);
      scenario.awaitApplied();

      List<Update> updates = scenario.changes("p", Update.class);
      assertThat(updates).hasSize(3);
      assertThat(updates.get(0).oldRow()).isNull();
      assertThat(updates.get(0).row().isPresent(BIG)).isFalse();
      assertThat(updates.get(0).row().isNull(BIG)).isFalse();
      assertThat(texts(updates.get(0).row())).containsExactly("1", "alice", "smith", "vienna", "-");
      assertThat(updates.get(1).oldRow()).isNull();
      assertThat(texts(updates.get(1).row())).containsExactly("1", "alice", "smith", "vienna", B);
      assertOldRow(updates.get(2).oldRow(), OldRowKind.KEY, "1", "-", "smith", "-", "-");
      assertThat(texts(updates.get(2).row()))
          .containsExactly("1", "alice", "smithers", "vienna", C);
      Delete delete = scenario.changes("p", Delete.class).get(0);
      assertOldRow(delete.oldRow(), OldRowKind.KEY, "1", "-", "smithers", "-", "-");
      assertThat(delete.table().identityColumns())
          .extracting("name")
          .containsExactly("id", "surname");
      assertThat(delete.table().primaryKey()).extracting("name").containsExactly("surname", "id");
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "p");
    }
  }

  /** S27. */
  @Test
  void sendsTheWholeOldRowUnderIdentityFull() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(COMPOSITE_KEY + "alter table p replica identity full").start().awaitReady()) {
      scenario.source().execute(CHANGES);
      scenario.awaitApplied();

      List<Update> updates = scenario.changes("p", Update.class);
      assertThat(updates).hasSize(3);
      assertOldRow(updates.get(0).oldRow(), OldRowKind.FULL, "1", "alice", "smith", "rome", A);
      assertThat(texts(updates.get(0).row())).containsExactly("1", "alice", "smith", "vienna", A);
      assertOldRow(updates.get(1).oldRow(), OldRowKind.FULL, "1", "alice", "smith", "vienna", A);
      assertOldRow(updates.get(2).oldRow(), OldRowKind.FULL, "1", "alice", "smith", "vienna", B);
      assertOldRow(
          scenario.changes("p", Delete.class).get(0).oldRow(),
          OldRowKind.FULL,
          "1",
          "alice",
          "smithers",
          "vienna",
          C);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "p");
    }
  }

  /** S27. */
  @Test
  void followsATableWithoutKeyUnderIdentityFull() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table nokey(a int, b text); alter table nokey replica identity full;
                create publication pub for table nokey;
                insert into nokey values (1,'x'),(1,'x');
                """)
            .start()
            .awaitReady()) {
      scenario
          .source()
          .execute(
              """
              delete from nokey where ctid = (select min(ctid) from nokey);
              update nokey set b = null;
              insert into nokey values (2, 'y');
              """);
      scenario.awaitApplied();

      Update update = scenario.changes("nokey", Update.class).get(0);
      assertOldRow(update.oldRow(), OldRowKind.FULL, "1", "x");
      assertThat(texts(update.row())).containsExactly("1", null);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "nokey");
    }
  }

  /** S28. */
  @Test
  void sendsTheColumnsOfTheChosenIndex() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create table p(id bigint, name text not null, surname text not null, city text, primary key (surname, id));
                create unique index p_ri on p(surname, name); alter table p replica identity using index p_ri;
                create publication pub for table p;
                """)
            .start()
            .awaitReady()) {
      scenario
          .source()
          .execute(
              """
              insert into p values (1,'alice','smith','rome'); update p set city='vienna';
              update p set name='alicia'; delete from p;
              """);
      scenario.awaitApplied();

      List<Update> updates = scenario.changes("p", Update.class);
      assertThat(updates.get(0).oldRow()).isNull();
      assertOldRow(updates.get(1).oldRow(), OldRowKind.KEY, "-", "alice", "smith", "-");
      Delete delete = scenario.changes("p", Delete.class).get(0);
      assertOldRow(delete.oldRow(), OldRowKind.KEY, "-", "alicia", "smith", "-");
      assertThat(delete.table().identityColumns())
          .extracting("name")
          .containsExactly("name", "surname");
    }
  }

  private static final String WITHOUT_IDENTITY =
      """
      create table n(id int primary key, v text); alter table n replica identity nothing;
      create table k(v text);
      insert into n values (1,'a'); insert into k values ('a');
      """;

  /** S29, where updates are published. */
  @Test
  void isNotConcernedByUpdatesTheSourceRefuses() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(WITHOUT_IDENTITY + "create publication pub for table n, k")
            .start()
            .awaitReady()) {
      assertThatThrownBy(() -> scenario.source().execute("update n set v = 'b'"))
          .hasRootCauseMessage(
              """
              ERROR: cannot update table "n" because it does not have a replica identity and publishes updates
                Hint: To enable updating the table, set REPLICA IDENTITY using ALTER TABLE.""");
      assertThatThrownBy(() -> scenario.source().execute("delete from k"))
          .hasRootCauseMessage(
              """
              ERROR: cannot delete from table "k" because it does not have a replica identity and publishes deletes
                Hint: To enable deleting from the table, set REPLICA IDENTITY using ALTER TABLE.""");
      scenario.source().execute("insert into n values (2,'b'); insert into k values ('b')");
      scenario.awaitApplied();

      DeliveryAssert.assertThat(scenario.destination())
          .deliveredRows("n", 2)
          .deliveredRows("k", 2)
          .converged(scenario.source(), "n", "k");
      TableSchema n = scenario.changes("n", Insert.class).get(0).table();
      assertThat(n.replicaIdentity()).isEqualTo(ReplicaIdentity.NOTHING);
      assertThat(n.identityColumns()).isEmpty();
      assertThat(n.primaryKey()).extracting("name").containsExactly("id");
      assertThat(scenario.changes("k", Insert.class).get(0).table().identityColumns()).isEmpty();
      assertThat(scenario.phase("n")).isInstanceOf(Ready.class);
      assertThat(scenario.phase("k")).isInstanceOf(Ready.class);
    }
  }

  /** S29, where only inserts are published. */
  @Test
  void isNotToldOfChangesThatAreNotPublished() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                WITHOUT_IDENTITY
                    + "create publication pub for table n, k with (publish = 'insert')")
            .start()
            .awaitReady()) {
      scenario.source().execute("update n set v = 'b'; delete from k; insert into k values ('c')");
      scenario.awaitApplied();

      assertThat(scenario.destination().changes("n")).isEmpty();
      assertThat(scenario.destination().changes("k")).hasSize(1);
      assertThat(scenario.phase("n")).isInstanceOf(Ready.class);
      assertThat(scenario.phase("k")).isInstanceOf(Ready.class);
    }
  }

  /** S31. */
  @Test
  void decodesEachChangeWithTheIdentityOfItsPlace() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                COMPOSITE_KEY
                    + "create unique index p_ri on p(id);"
                    + "insert into p values (1,'alice','smith','rome', 'x')")
            .options(builder -> builder.shutdownTimeout(Duration.ofMillis(200)))
            .start()
            .awaitReady()) {
      changeIdentities(scenario);
      changeIdentitiesTwiceAndReplay(scenario);

      DeliveryAssert.assertThat(scenario.destination()).deliveredInOrderExceptReplays();
      List<Update> updates = withoutReplays(scenario.changes("p", Update.class));
      assertThat(updates)
          .extracting(update -> update.table().replicaIdentity())
          .containsExactly(
              ReplicaIdentity.FULL,
              ReplicaIdentity.DEFAULT,
              ReplicaIdentity.INDEX,
              ReplicaIdentity.FULL,
              ReplicaIdentity.DEFAULT);
      assertOldRow(updates.get(0).oldRow(), OldRowKind.FULL, "1", "alice", "smith", "rome", "x");
      assertOldRow(updates.get(1).oldRow(), OldRowKind.KEY, "2", "-", "smith", "-", "-");
      assertOldRow(updates.get(2).oldRow(), OldRowKind.KEY, "3", "-", "-", "-", "-");
      assertOldRow(updates.get(3).oldRow(), OldRowKind.FULL, "4", "alice", "smith", "rome", "x");
      assertOldRow(updates.get(4).oldRow(), OldRowKind.KEY, "5", "-", "smith", "-", "-");
      assertThat(scenario.changes("p", Insert.class).get(0).table().replicaIdentity())
          .isEqualTo(ReplicaIdentity.NOTHING);
    }
  }

  /** With a restart in the middle. */
  private static void changeIdentities(Scenario scenario) throws InterruptedException {
    scenario.source().execute(identityAndUpdate("full", 2));
    scenario.source().execute(identityAndUpdate("default", 3));
    scenario.awaitApplied().stop().start().awaitReady();
    scenario
        .source()
        .execute(
            """
            alter table p replica identity nothing;
            insert into p values (9,'bob','jones','oslo', 'y');
            """);
    scenario.source().execute(identityAndUpdate("using index p_ri", 4));
    scenario.awaitApplied();
  }

  /** What is written and never answered comes again, when the store knows what follows it. */
  private static void changeIdentitiesTwiceAndReplay(Scenario scenario)
      throws InterruptedException {
    scenario.destination().on(Operation.EVENTS).failAfterWrite(ErrorKind.DESTINATION_UNAVAILABLE);
    scenario.source().execute(identityAndUpdate("full", 5));
    scenario.source().execute(identityAndUpdate("default", 6));
    scenario.destination().awaitChanges("p", 5);
    awaitNewestIdentity(scenario, ReplicaIdentity.DEFAULT);
    scenario.pipeline().close();
    scenario.destination().repair();
    scenario.start().awaitReady().awaitApplied();
  }

  private static String identityAndUpdate(String identity, int id) {
    return "alter table p replica identity %s; update p set id = %d where name = 'alice'"
        .formatted(identity, id);
  }

  private static void awaitNewestIdentity(Scenario scenario, ReplicaIdentity identity) {
    TableId table = scenario.tableId("p");
    await()
        .atMost(Scenario.PATIENCE)
        .until(
            () ->
                scenario.store().getTableSchema(table).orElseThrow().replicaIdentity() == identity);
  }

  /** A replay has the same version, although the store knows later ones by then. */
  private static List<Update> withoutReplays(List<Update> updates) {
    Map<EventSequence, Update> first = new LinkedHashMap<>();
    for (Update update : updates) {
      Update before = first.putIfAbsent(update.sequence(), update);
      if (before != null) {
        assertThat(update.table()).isEqualTo(before.table());
      }
    }
    assertThat(updates).hasSizeGreaterThan(first.size());
    return List.copyOf(first.values());
  }

  /** Of a column that was not sent a dash. */
  private static List<@Nullable String> texts(TableRow row) {
    List<@Nullable String> texts = new ArrayList<>();
    for (int i = 0; i < row.columnCount(); i++) {
      texts.add(row.isPresent(i) ? row.text(i) : "-");
    }
    return texts;
  }

  private static void assertOldRow(
      @Nullable OldRow old, OldRowKind kind, @Nullable String... texts) {
    assertThat(old).isNotNull();
    assertThat(old.kind()).isEqualTo(kind);
    assertThat(texts(old.row())).containsExactly(texts);
  }

  /** The key is checked at the end: after the first update two rows have key 2. */
  @ParameterizedTest
  @ValueSource(strings = {"", " partition by range (id)"})
  void aDeferrableKeyIdentifiesNoRow(String partitioned) throws InterruptedException {
    String partition = "create table e_0 partition of e for values from (0) to (10);";
    try (Scenario scenario =
        Scenario.with(
                "create table e(id int primary key deferrable, v text)"
                    + partitioned
                    + "; alter table e replica identity full;"
                    + (partitioned.isEmpty()
                        ? ""
                        : partition + "alter table e_0 replica identity full;")
                    + """
                    insert into e values (1, 'a'), (2, 'b'), (3, 'c');
                    create publication pub for table e with (publish_via_partition_root = true);
                    """)
            .start()
            .awaitReady()) {
      scenario.source().execute("update e set id = id + 1");
      scenario.awaitApplied();
      assertThat(scenario.changes("e", Update.class))
          .hasSize(3)
          .allSatisfy(update -> assertThat(update.table().primaryKey()).isEmpty());
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "e");
    }
  }
}
