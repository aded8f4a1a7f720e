package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.SlotState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A destination that never answers: the pipeline ends all the same, and nothing is lost by it. */
class HungDestinationIT {

  /** S80. */
  @Test
  void endsDuringACopyAndStartsItOver() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)))) {
      scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      hold.awaitReached();
      scenario.stop();
      assertThat(scenario.phase("users")).isInstanceOf(DataSync.class);
      assertThat(scenario.source().slots()).noneMatch(SlotState::isActive);

      scenario.start().awaitReady();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
      assertThat(scenario.destination().truncations("users")).isEqualTo(1);
    }
  }

  @Test
  void endsDuringAWriteOfEventsAndDeliversThemAgain() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)))
            .start()
            .awaitReady()) {
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      hold.awaitReached();
      scenario.stop();
      assertThat(scenario.source().slots()).noneMatch(SlotState::isActive);

      scenario.start().awaitReady().awaitApplied();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
      assertThat(scenario.destination().changes("users")).hasSize(1);
    }
  }

  /** The hand-over of one table does not hold the others up. */
  @Test
  void otherTablesGoOnWhileOneTablesOwnStreamHangs() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)))
            .start()
            .awaitReady()) {
      Hold copy = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.source().execute("insert into users(name, age) values ('copied', 1)");
      scenario.awaitApplied();
      scenario.pipeline().resync(scenario.tableId("users"));
      copy.awaitReached();
      Hold events = scenario.destination().on(Operation.EVENTS).of("users").once().hold();
      scenario.source().execute("insert into users(name, age) values ('caught up', 2)");
      copy.release();
      events.awaitReached();
      scenario.source().execute("insert into users(name, age) values ('behind the fence', 3)");
      scenario.source().execute("insert into orders(description) values ('not held up')");
      scenario.destination().awaitChanges("orders", 1);

      events.release();
      scenario.awaitReady().awaitApplied();
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "users", "orders");
    }
  }
}
