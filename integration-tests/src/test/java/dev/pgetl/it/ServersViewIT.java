package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the server makes of a pipeline's sessions and slots. */
class ServersViewIT {
  private static final Duration REFRESH = Duration.ofMillis(200);

  private static Scenario on(PostgresCluster cluster) {
    TestDatabase source = cluster.createDatabase();
    source.execute(Scenario.USERS_AND_ORDERS);
    return Scenario.on(source).options(builder -> builder.publicationRefreshInterval(REFRESH));
  }

  /**
   * A commit would otherwise wait for half a minute. A role that is not a superuser does not see
   * what the server makes of its stream.
   */
  @Test
  void aStreamThatIsASynchronousStandbyConfirmsAtOnceAndSaysSo() throws InterruptedException {
    try (PostgresCluster cluster = PostgresCluster.builder().start();
        Scenario scenario = on(cluster);
        LogRecorder log = LogRecorder.started()) {
      scenario
          .source()
          .execute(
              """
          create table unpublished(id int);
          create role plain login replication password 'secret';
          grant select on all tables in schema public to plain""");
      scenario.connection(
          connection ->
              PgConnectionConfig.builder("localhost", scenario.source().name(), "plain")
                  .port(cluster.server().port())
                  .password("secret"));
      scenario.start().awaitReady();
      scenario.source().execute("alter system set synchronous_standby_names = '*'");
      scenario.source().execute("select pg_reload_conf()");
      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> log.lines("synchronous_standby_names").size() == 1);
      long begin = System.nanoTime();
      scenario.source().execute("insert into unpublished values (1)");
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
      scenario.source().execute("alter system reset synchronous_standby_names");
      scenario.source().execute("select pg_reload_conf()");
    }
  }

  /** Its changes are sent before the catalogue shows what it did to the table. */
  @Test
  void aTransactionThatWaitsForAStandbyIsComparedWhenItShows() throws InterruptedException {
    try (PostgresCluster cluster = PostgresCluster.builder().start();
        Scenario scenario = Scenario.on(cluster.createDatabase())) {
      TestDatabase source = scenario.source();
      source.execute(Scenario.USERS_AND_ORDERS + "insert into users(name, age) values ('a', 1)");
      scenario.start().awaitReady();
      cluster.set("synchronous_standby_names", "absent");
      source.execute("checkpoint");
      CompletableFuture<Void> alter =
          CompletableFuture.runAsync(
              () ->
                  source.execute(
                      """
                      begin;
                      alter table users add x float default random();
                      insert into users(name, age) values ('b', 2);
                      commit"""));
      await()
          .atMost(Scenario.PATIENCE)
          .until(
              () ->
                  source
                      .value(
                          """
                          select count(*) from pg_stat_activity asks, pg_stat_activity waits
                          where asks.application_name like '%control' and asks.query = 'COMMIT'
                            and waits.wait_event = 'SyncRep' and asks.query_start > waits.state_change""")
                      .equals("1"));
      source.execute("alter system reset synchronous_standby_names");
      source.execute("select pg_reload_conf()");
      alter.join();
      scenario.awaitApplied();
      TableStatus users = scenario.pipeline().status().tables().get(scenario.tableId("users"));
      assertThat(Objects.requireNonNull(users).difference().orElse(""))
          .contains("its column x was added with values");
    }
  }

  @Test
  void theSlotOfATableThatIsCopiedDoesNotLookUnused() throws InterruptedException {
    assumeTrue(TestPostgres.shared().majorVersion() >= 18);
    try (PostgresCluster cluster = PostgresCluster.builder().start();
        Scenario scenario = on(cluster)) {
      scenario.source().execute("alter system set idle_replication_slot_timeout = '2s'");
      scenario.source().execute("select pg_reload_conf()");
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      hold.awaitReached();
      String later = scenario.source().value("select clock_timestamp() + interval '5 s'");
      await()
          .atMost(Scenario.PATIENCE)
          .until(
              () ->
                  scenario
                      .source()
                      .value("select clock_timestamp() > '" + later + "'")
                      .equals("t"));
      scenario.source().execute("checkpoint");
      hold.release();
      scenario.awaitReady();
      scenario.source().execute("insert into users(name, age) values ('b', 2)");
      scenario.awaitApplied();
      assertThat(scenario.destination().truncations("users")).isEqualTo(1);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  /** It took the copied row over, found it bad, and says so in the next call it gets. */
  @Test
  void aTableThatIsBlamedWhileItIsCopiedStandsStill() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS + "insert into users(name, age) values ('a', 1)")) {
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      scenario.awaitReady("orders");
      hold.awaitReached();
      long users = scenario.tableId("users").oid();
      scenario
          .destination()
          .on(Operation.EVENTS)
          .of("orders")
          .once()
          .rejectWith(
              () ->
                  new EtlException(ErrorKind.DESTINATION_REJECTED, "a copied row is bad")
                      .withTable(users));
      scenario.source().execute("insert into orders(description) values ('b')");
      scenario.awaitPhase("users", Errored.class);
      assertThat(((Errored) scenario.phase("users")).reason()).contains("a copied row is bad");
      hold.release();
      scenario.awaitApplied();
      assertThat(scenario.destination().changes("orders")).hasSize(1);

      scenario.pipeline().resync(scenario.tableId("users"));
      scenario.awaitReady("users");
      scenario.source().execute("insert into users(name, age) values ('c', 2)");
      scenario.awaitApplied();
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "users", "orders");
    }
  }
}
