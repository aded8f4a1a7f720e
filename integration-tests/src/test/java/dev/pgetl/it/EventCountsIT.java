package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.EventCounts;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** S84: how many events of which kind each table has had. */
class EventCountsIT {
  private static TableStatus status(Scenario scenario, String table) {
    return Objects.requireNonNull(
        scenario.pipeline().status().tables().get(scenario.tableId(table)));
  }

  private static EventCounts events(Scenario scenario, String table) {
    return status(scenario, table).events();
  }

  private static void insert(Scenario scenario, int rows) {
    scenario
        .source()
        .execute(
            "insert into users(name, age) select 'n', g from generate_series(1, " + rows + ") g");
  }

  @Test
  void countsRowsCopiedAndEventsByKind() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      insert(scenario, 1);
      scenario.start().awaitReady();
      assertThat(events(scenario, "users")).isEqualTo(EventCounts.NONE);
      assertThat(status(scenario, "users").copiedRows()).isEqualTo(1);
      assertThat(status(scenario, "users").copiedBytes()).isPositive();

      insert(scenario, 5);
      scenario.source().execute("update users set age = 0 where age in (2, 3)");
      scenario.source().execute("delete from users where age = 4");
      scenario.source().execute("truncate users");
      scenario.awaitApplied();

      Instant last = events(scenario, "users").lastCommitTime();
      assertThat(events(scenario, "users")).isEqualTo(new EventCounts(5, 2, 1, 1, last));
      assertThat(last).isAfter(Instant.EPOCH);
      assertThat(events(scenario, "orders")).isEqualTo(EventCounts.NONE);

      scenario.stop();
      scenario.start().awaitReady();
      assertThat(events(scenario, "users")).as("of this process").isEqualTo(EventCounts.NONE);
    }
  }

  /** Those that the stream of its own brings, and those of the apply worker. */
  @Test
  void countsTheEventsOfBothStreams() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      insert(scenario, 1);
      Hold copy = scenario.destination().on(Operation.ROWS).of("users").hold();
      scenario.start();
      copy.awaitReached();
      insert(scenario, 7);
      copy.release();
      scenario.awaitReady();
      assertThat(events(scenario, "users").inserts()).isEqualTo(7);

      insert(scenario, 3);
      scenario.awaitApplied();

      assertThat(events(scenario, "users").inserts()).isEqualTo(10);
    }
  }

  @Test
  void doesNotCountWhatTheDestinationRefused() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      insert(scenario, 2);
      scenario.awaitApplied();
      scenario
          .destination()
          .on(Operation.EVENTS)
          .of("users")
          .rejectWith(
              () ->
                  new EtlException(ErrorKind.DESTINATION_REJECTED, "no")
                      .withTable(scenario.tableId("users").oid()));
      insert(scenario, 3);

      scenario.awaitPhase("users", Errored.class);

      assertThat(events(scenario, "users").inserts()).isEqualTo(2);
    }
  }
}
