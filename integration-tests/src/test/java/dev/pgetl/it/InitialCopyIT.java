package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.SlotState;
import org.junit.jupiter.api.Test;

/** Rows that were there before the pipeline, and how their tables get to the main stream. */
class InitialCopyIT {

  /** S01. */
  @Test
  void copiesExistingRowsOnceAndLeavesOneSlot() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario
          .source()
          .execute(
              """
              insert into users(name, age) select 'user_'||g, g from generate_series(1, 10) g;
              insert into orders(description) select 'description_'||g from generate_series(1, 10) g;
              """);
      scenario.start().awaitReady().stop();

      DeliveryAssert.assertThat(scenario.destination())
          .deliveredRows("users", 10)
          .deliveredRows("orders", 10)
          .deliveredRows("sentinel", 0)
          .converged(scenario.source(), "users", "orders", "sentinel");
      int ages =
          scenario.destination().copiedRows("users").stream()
              .mapToInt(row -> Integer.parseInt(row.text(2)))
              .sum();
      assertThat(ages).isEqualTo(55);
      assertThat(scenario.destination().rowWrites("sentinel")).isPositive();
      assertThat(scenario.source().slots())
          .extracting(SlotState::name)
          .containsExactly("pgetl_apply_it");
      ServerSide.awaitFreeSlots(scenario);
    }
  }

  /** S03. */
  @Test
  void streamsWhatWasWrittenWhileTheLastRowsOfTheCopyWereUnderWay() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario
          .source()
          .execute(
              "insert into users(name, age) select 'user_'||g, g from generate_series(1, 3) g");
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      hold.awaitReached();
      scenario.source().execute("insert into users(name, age) values ('late', 4), ('later', 5)");
      hold.release();
      scenario.awaitReady().awaitApplied();

      assertThat(scenario.destination().copiedRows("users")).hasSize(3);
      assertThat(scenario.destination().changes("users")).hasSize(2);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  /** S15. */
  @Test
  void handsOverWithoutAnyTraffic() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario
          .source()
          .execute(
              "insert into users(name, age) select 'user_'||g, g from generate_series(1, 5) g");
      scenario.start().awaitReady();

      assertThat(scenario.destination().copiedRows("users")).hasSize(5);
      assertThat(scenario.destination().events()).isEmpty();
    }
  }
}
