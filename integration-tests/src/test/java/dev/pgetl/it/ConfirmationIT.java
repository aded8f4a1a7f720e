package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.event.Event;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is remembered and what the server is told: never before it is durable. */
class ConfirmationIT {
  private static final String SLOT = "pgetl_apply_it";

  /** S13: the server did not get the acknowledgement, but progress was stored. */
  @Test
  void deliversNothingTwiceIfTheServerDidNotHearOfIt() throws InterruptedException {
    TestPostgres server = TestPostgres.shared();
    try (TcpProxy proxy = TcpProxy.to(server.host(), server.port());
        Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      RecordingDestination destination = scenario.destination();
      scenario.connection(builder -> builder.port(proxy.port())).start().awaitReady();
      proxy.swallowStatusMessages();
      scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
      destination.awaitChanges("users", 2);
      scenario.stop();
      assertThat(proxy.swallowedStatusMessages()).isPositive();
      assertThat(scenario.source().slot(SLOT).confirmed())
          .isLessThan(commitLsn(destination.changes("users")))
          .isLessThan(progress(scenario, SLOT));

      scenario.connection(builder -> builder).start().awaitReady();
      scenario.source().execute("insert into users(name, age) values ('c', 3), ('d', 4)");
      scenario.awaitApplied();
      assertThat(destination.changes("users")).hasSize(4);
      DeliveryAssert.assertThat(destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  /** S17: the hand-over completes only after durability. */
  @Test
  void handsOverOnlyWhatIsDurable() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS);
        TestDatabase elsewhere = TestPostgres.shared().createDatabase()) {
      scenario.source().execute("insert into users(name, age) values ('copied', 1)");
      RecordingDestination destination = scenario.destination();
      Hold copy = destination.on(Operation.ROWS).of("users").hold();
      Hold barrier = destination.on(Operation.FLUSH).hold();
      destination.on(Operation.EVENTS).of("users").accept();
      scenario.start();
      scenario.awaitReady("orders");
      scenario.awaitReady("sentinel");
      copy.awaitReached();
      scenario.source().execute("insert into users(name, age) values ('late', 2)");
      elsewhere.execute("create table other as select generate_series(1, 10000)");
      copy.release();
      barrier.awaitReached();

      Lsn accepted = commitLsn(destination.changes("users"));
      String own = "pgetl_sync_it_" + scenario.tableId("users");
      assertThat(scenario.phase("users")).isInstanceOf(FinishedCopy.class);
      assertThat(progress(scenario, own)).isLessThanOrEqualTo(accepted);
      assertThat(scenario.source().slot(own).confirmed()).isLessThanOrEqualTo(accepted);

      barrier.release();
      scenario.awaitReady();
      assertThat(scenario.phase("users")).isInstanceOf(Ready.class);
      assertThat(destination.copiedRows("users")).hasSize(1);
      DeliveryAssert.assertThat(destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  /** S17, for the rows of the copy: they are complete when they are durable. */
  @Test
  void finishesACopyAfterTheFlush() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
      scenario.destination().on(Operation.ROWS).of("users").accept();
      Hold barrier = scenario.destination().on(Operation.FLUSH).hold();
      scenario.start();
      barrier.awaitReached();
      scenario.awaitReady("orders");
      assertThat(scenario.destination().copiedRows("users")).hasSize(2);
      assertThat(scenario.phase("users")).isInstanceOf(DataSync.class);

      barrier.release();
      scenario.awaitReady();
      assertThat(scenario.destination().calls(Operation.FLUSH)).hasSize(1);
      assertThat(scenario.destination().copiedRows("users")).hasSize(2);
    }
  }

  /** S17, for the main stream: what is merely accepted is neither remembered nor confirmed. */
  @Test
  void confirmsAcceptedEventsAfterTheFlush() throws InterruptedException {
    BatchConfig soon = BatchConfig.builder().maxAcceptedAge(Duration.ofMillis(100)).build();
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.batch(soon))
            .start()
            .awaitReady()) {
      RecordingDestination destination = scenario.destination();
      destination.on(Operation.EVENTS).accept();
      Hold barrier = destination.on(Operation.FLUSH).hold();
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      barrier.awaitReached();
      scenario.source().execute("insert into users(name, age) values ('b', 2)");
      Lsn accepted = commitLsn(destination.changes("users"));
      assertThat(
              scenario
                  .pipeline()
                  .awaitApplied(scenario.source().currentLsn(), Duration.ofSeconds(1)))
          .isFalse();
      assertThat(progress(scenario, SLOT)).isLessThanOrEqualTo(accepted);
      assertThat(scenario.source().slot(SLOT).confirmed()).isLessThanOrEqualTo(accepted);

      barrier.release();
      scenario.awaitApplied().stop();
      assertThat(destination.changes("users")).hasSize(2);
      assertThat(scenario.source().slot(SLOT).confirmed())
          .isGreaterThan(commitLsn(destination.changes("users")));
      DeliveryAssert.assertThat(destination).deliveredOnceInOrder();
    }
  }

  private static Lsn commitLsn(List<Event> changes) {
    return changes.get(changes.size() - 1).transaction().commitLsn();
  }

  private static Lsn progress(Scenario scenario, String slot) {
    return scenario.store().getReplicationProgress(slot).orElseThrow().flushedLsn();
  }
}
