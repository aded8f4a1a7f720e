package dev.pgetl.it.advice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.it.LogRecorder;
import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The fix of each warning of a replica identity lets the application update its tables, and ends
 * the warning. The SQL is that of the log.
 */
class IdentityAdviceIT {
  @Test
  void updatesThatTheServerRefusedAreDelivered() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
            """
            create table keyless(id int, v text); insert into keyless values (1, 'a');
            create table root(id int, v text) partition by range (id);
            create table leaf_1 partition of root for values from (0) to (10);
            create table leaf_2 partition of root for values from (10) to (20);
            insert into root values (1, 'a'), (11, 'a');
            create table neighbour(id int primary key, v text);
            create publication pub for table keyless, root, neighbour with (publish_via_partition_root = true);
            """)) {
      assertRefused(scenario, "keyless", "root");
      followUntilNothingIsWarnedOf(scenario, "refuses updates and deletes");
      scenario.source().execute("update keyless set v = 'b'; update root set v = 'b'");
      assertEqual(scenario, "keyless", "root", "neighbour");
    }
  }

  @Test
  void updatesOfAFilteredTableAreDelivered() throws InterruptedException {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    try (Scenario scenario =
        Scenario.with(
            """
            create table filtered(id int primary key, v text); insert into filtered values (1, 'a');
            create table neighbour(id int primary key, v text);
            create publication pub for table filtered where (v <> 'c'), neighbour;
            """)) {
      assertRefused(scenario, "filtered");
      followUntilNothingIsWarnedOf(scenario, "refuses updates and deletes");
      scenario.source().execute("update filtered set v = 'b'");
      assertEqual(scenario, "filtered", "neighbour");
    }
  }

  @Test
  void partitionsThatDifferAreMadeAlike() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
            """
            create table root(id int, v text) partition by range (id);
            create table leaf_1(id int, v text); alter table leaf_1 add primary key (id);
            create table leaf_2(id int not null, v text); alter table leaf_2 replica identity full;
            alter table root attach partition leaf_1 for values from (0) to (10);
            alter table root attach partition leaf_2 for values from (10) to (20);
            insert into root values (1, 'a'), (11, 'a');
            create table neighbour(id int primary key, v text);
            create publication pub for table root, neighbour with (publish_via_partition_root = true);
            """)) {
      followUntilNothingIsWarnedOf(scenario, "differ in their replica identity");
      scenario
          .source()
          .execute("update root set v = 'b' where id = 11; delete from root where id = 1");
      assertEqual(scenario, "root", "neighbour");
    }
  }

  private static void assertRefused(Scenario scenario, String... tables) {
    for (String table : tables) {
      assertThatThrownBy(() -> scenario.source().execute("update " + table + " set v = 'b'"))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  /** Each start names one table or partition of each kind. */
  private static void followUntilNothingIsWarnedOf(Scenario scenario, String warning)
      throws InterruptedException {
    int rounds = 0;
    for (List<String> lines = warnings(scenario, warning);
        !lines.isEmpty();
        lines = warnings(scenario, warning)) {
      assertThat(++rounds).as("advice that helps: %s", lines).isLessThan(5);
      lines.forEach(line -> scenario.source().execute(Advice.sql(line)));
      scenario.stop();
    }
    assertThat(rounds).isPositive();
    assertThat(
            scenario
                .source()
                .value("select relreplident from pg_class where oid = 'neighbour'::regclass"))
        .isEqualTo("d");
  }

  private static List<String> warnings(Scenario scenario, String warning)
      throws InterruptedException {
    try (LogRecorder log = LogRecorder.started()) {
      scenario.start().awaitReady();
      return log.lines(warning);
    }
  }

  private static void assertEqual(Scenario scenario, String... tables) throws InterruptedException {
    scenario.awaitApplied();
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), tables);
  }
}
