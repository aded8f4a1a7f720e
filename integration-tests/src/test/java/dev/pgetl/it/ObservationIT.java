package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.observe.StreamStatus;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import org.junit.jupiter.api.Test;

/** S84: what one sees of a pipeline from outside, on the server and in its status. */
class ObservationIT {

  /** S84: every connection says which pipeline it belongs to and which table it is for. */
  @Test
  void connectionsSayWhatTheyAreFor() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      Hold copy = scenario.destination().on(Operation.ROWS).of("users").hold();
      Hold catchUp = scenario.destination().on(Operation.EVENTS).of("users").hold();
      scenario.start();
      copy.awaitReached();
      assertThat(Leftovers.connections(scenario.source()))
          .contains("pgetl/it/apply", "pgetl/it/copy_" + scenario.tableId("users"));
      scenario.source().execute("insert into users(name, age) values ('late', 2)");
      copy.release();
      catchUp.awaitReached();
      assertThat(Leftovers.connections(scenario.source()))
          .contains("pgetl/it/apply", "pgetl/it/sync_" + scenario.tableId("users"))
          .doesNotContain("pgetl/it/copy_" + scenario.tableId("users"));
      catchUp.release();
      scenario.awaitReady();
    }
  }

  /** S84: the lag rises while the destination is held, and falls after. */
  @Test
  void theLagRisesAndFalls() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      await().atMost(Scenario.PATIENCE).until(() -> lag(scenario) < 10_000);
      Hold hold = scenario.destination().on(Operation.EVENTS).hold();
      scenario.source().execute("insert into users(name, age) values ('held', 1)");
      hold.awaitReached();
      scenario
          .source()
          .execute(
              "insert into users(name, age) select repeat('n', 200), g from generate_series(1, 1000) g");
      await().atMost(Scenario.PATIENCE).until(() -> lag(scenario) > 200_000);
      hold.release();
      scenario.awaitApplied();
      await().atMost(Scenario.PATIENCE).until(() -> lag(scenario) < 10_000);
      assertThat(stream(scenario).events()).isGreaterThan(1000);
      assertThat(stream(scenario).reconnects()).isZero();
    }
  }

  private static long lag(Scenario scenario) {
    return stream(scenario).lagBytes().orElseThrow();
  }

  private static StreamStatus stream(Scenario scenario) {
    return scenario.pipeline().status().stream();
  }
}
