package dev.pgetl.it.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.event.Event;
import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions that overlap, and large ones that end in other ways than by a commit. */
class TransactionsIT {
  private static final String ITEMS =
      """
      create table items(id int primary key, v text);
      create publication pub for table items;
      """;

  /** Some 100 times what the server holds in memory of a transaction under {@link #spilling}. */
  private static final String LARGE =
      "insert into items select g, repeat('x', 500) from generate_series(%d, %d) g";

  @Test
  void transactionsOpenAtTheSameTimeArriveWholeInTheOrderOfTheirCommits() throws Exception {
    try (Scenario scenario = Scenario.with(ITEMS).start().awaitReady();
        Connection first = writer(scenario);
        Connection second = writer(scenario)) {
      execute(first, "insert into items values (1, 'first')");
      execute(second, "insert into items values (2, 'second')");
      execute(first, "insert into items values (3, 'first')");
      second.commit();
      first.commit();
      scenario.awaitApplied();
      assertThat(kinds(scenario))
          .containsExactly("Begin", "Insert", "Commit", "Begin", "Insert", "Insert", "Commit");
      assertThat(insertedIds(scenario)).containsExactly(2, 1, 3);
      assertConverged(scenario);
    }
  }

  @Test
  void updatesOfOneRowByTransactionsOpenAtTheSameTimeEndWithTheLastCommit() throws Exception {
    try (Scenario scenario =
            Scenario.with(ITEMS + "insert into items values (1, 'a')").start().awaitReady();
        Connection first = writer(scenario);
        Connection second = writer(scenario)) {
      execute(second, "insert into items values (2, 'begins first')");
      execute(first, "update items set v = 'first' where id = 1");
      first.commit();
      execute(second, "update items set v = 'second' where id = 1");
      second.commit();
      scenario.awaitApplied();
      assertConverged(scenario);
    }
  }

  /** Its first change lies before a commit that was confirmed. */
  @Test
  void aTransactionThatIsOpenDuringAStopArrivesWhole() throws Exception {
    try (Scenario scenario = Scenario.with(ITEMS).start().awaitReady();
        Connection writer = writer(scenario)) {
      execute(writer, "insert into items values (1, 'open')");
      scenario.source().execute("insert into items values (2, 'confirmed')");
      scenario.awaitApplied().stop();
      execute(writer, "insert into items values (3, 'open')");
      scenario.start();
      writer.commit();
      scenario.awaitApplied();
      assertThat(insertedIds(scenario)).containsExactly(2, 1, 3);
      assertConverged(scenario);
    }
  }

  /**
   * Whether the server spills it to disk or the whole fits into memory. From Postgres 18 on it
   * spills none that has ended already.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLargeTransactionThatIsRolledBackLeavesNothing(boolean spills) throws Exception {
    try (Scenario scenario = Scenario.with(ITEMS);
        Connection writer = writer(scenario)) {
      spilling(scenario, spills);
      scenario.start().awaitReady();
      execute(writer, LARGE.formatted(1, 10_000));
      await().atMost(Scenario.PATIENCE).until(() -> hasSpilled(scenario) == spills);
      writer.rollback();
      scenario.source().execute("insert into items values (1, 'after')");
      scenario.awaitApplied();
      assertThat(insertedIds(scenario)).containsExactly(1);
      assertThat(hasSpilled(scenario)).isEqualTo(spills);
      assertConverged(scenario);
    }
  }

  @Test
  void rowsThatWereRolledBackAndThenCommittedArriveOnce() throws Exception {
    try (Scenario scenario = Scenario.with(ITEMS);
        Connection writer = writer(scenario)) {
      spilling(scenario, true);
      scenario.start().awaitReady();
      execute(writer, LARGE.formatted(1, 10_000));
      writer.rollback();
      execute(writer, LARGE.formatted(1, 10_000));
      writer.commit();
      scenario.awaitApplied();
      assertThat(kinds(scenario)).hasSize(10_002).containsOnlyOnce("Begin", "Commit");
      assertConverged(scenario);
    }
  }

  @Test
  void aPartOfALargeTransactionThatIsRolledBackIsLeftOut() throws Exception {
    try (Scenario scenario = Scenario.with(ITEMS);
        Connection writer = writer(scenario)) {
      spilling(scenario, true);
      scenario.start().awaitReady();
      execute(writer, LARGE.formatted(1, 5_000));
      execute(writer, "savepoint part");
      execute(writer, LARGE.formatted(5_001, 10_000));
      execute(writer, "rollback to part");
      execute(writer, LARGE.formatted(10_001, 15_000));
      writer.commit();
      scenario.awaitApplied();
      assertThat(insertedIds(scenario)).hasSize(10_000).doesNotContain(5_001, 10_000);
      assertConverged(scenario);
    }
  }

  @Test
  void aSmallCommitInsideALargeOpenTransactionArrivesBeforeIt() throws Exception {
    try (Scenario scenario = Scenario.with(ITEMS);
        Connection writer = writer(scenario)) {
      spilling(scenario, true);
      scenario.start().awaitReady();
      execute(writer, LARGE.formatted(1, 5_000));
      scenario.source().execute("insert into items values (-1, 'small')");
      execute(writer, LARGE.formatted(5_001, 10_000));
      scenario.awaitApplied();
      assertThat(insertedIds(scenario)).containsExactly(-1);
      writer.commit();
      scenario.awaitApplied();
      assertThat(insertedIds(scenario)).hasSize(10_001).startsWith(-1, 1);
      assertConverged(scenario);
    }
  }

  private static void spilling(Scenario scenario, boolean spills) {
    scenario
        .source()
        .execute(
            "alter database %s set logical_decoding_work_mem = '%s'"
                .formatted(scenario.source().name(), spills ? "64kB" : "64MB"));
  }

  private static boolean hasSpilled(Scenario scenario) {
    String spilled =
        "select spill_txns > 0 from pg_stat_replication_slots where slot_name = 'pgetl_apply_it'";
    return scenario.source().value(spilled).equals("t");
  }

  private static Connection writer(Scenario scenario) throws SQLException {
    Connection connection = scenario.source().connect();
    connection.setAutoCommit(false);
    return connection;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> kinds(Scenario scenario) {
    return scenario.destination().events().stream()
        .filter(event -> !(event instanceof Event.Relation))
        .map(event -> event.getClass().getSimpleName())
        .toList();
  }

  private static List<Integer> insertedIds(Scenario scenario) {
    return scenario.changes("items", Event.Insert.class).stream()
        .map(insert -> insert.row().getInt(0))
        .toList();
  }

  private static void assertConverged(Scenario scenario) {
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "items");
  }
}
