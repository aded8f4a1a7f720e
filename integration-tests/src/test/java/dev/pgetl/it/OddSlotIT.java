package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slots of the pipeline's names that it did not make, and such that nothing needs any more. */
class OddSlotIT {
  private static final String DROP = "SELECT pg_drop_replication_slot('pgetl_apply_it')";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select pg_create_logical_replication_slot('pgetl_apply_it', 'test_decoding')",
        "select pg_create_logical_replication_slot('pgetl_apply_it', 'pgoutput', false, true)"
      })
  void aSlotThatNoPipelineMadeIsLeftAlone(String create) throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.source().execute(create);
      EtlException refused = catchThrowableOfType(EtlException.class, scenario::start);
      assertThat(refused.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
      assertThat(refused.summary()).contains("pgetl_apply_it");
      assertThat(refused.fix()).contains(DROP);
      assertThat(scenario.source().slots()).hasSize(1);
      assertThat(scenario.destination().calls()).isEmpty();

      scenario.source().execute(DROP);
      assertWorks(scenario.start());
    }
  }

  @Test
  void aSlotThatWasReplacedIsNotReadFrom() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario.stop();
      ServerSide.awaitFreeSlots(scenario);
      scenario.source().execute(DROP);
      scenario
          .source()
          .execute("select pg_create_logical_replication_slot('pgetl_apply_it', 'test_decoding')");
      EtlException refused = catchThrowableOfType(EtlException.class, scenario::start);
      assertThat(refused.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
      assertThat(refused.summary()).contains("test_decoding");
    }
  }

  @Test
  void aSlotThatCouldNotBeDroppedIsDroppedWhileThePipelineRuns() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(200)))
            .start()
            .awaitReady()) {
      String ofUsers = "pgetl_sync_it_" + scenario.tableId("users");
      await().atMost(Scenario.PATIENCE).until(() -> scenario.source().slots().size() == 1);
      for (String slot : new String[] {ofUsers, "pgetl_sync_it_1"}) {
        scenario
            .source()
            .execute("select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
      }
      await().atMost(Scenario.PATIENCE).until(() -> scenario.source().slots().size() == 1);
      assertWorks(scenario);
    }
  }

  private static void assertWorks(Scenario scenario) throws InterruptedException {
    scenario.awaitReady();
    scenario.source().execute("insert into users(name, age) values ('a', 1)");
    scenario.awaitApplied();
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "users", "orders");
  }
}
