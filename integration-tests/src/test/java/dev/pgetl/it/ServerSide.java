package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.postgres.SlotState;

/** What the server tells of a scenario's pipeline. */
public final class ServerSide {
  private ServerSide() {}

  /** {@return how many connections of the pipeline read rows at the moment} */
  public static int copyConnections(Scenario scenario) {
    return Integer.parseInt(
        scenario
            .source()
            .value(
                "select count(*) from pg_stat_activity where datname = current_database()"
                    + " and application_name like 'pgetl/it/copy%'"));
  }

  /** Waits until the server has noticed that the pipeline has left its slots. */
  public static void awaitFreeSlots(Scenario scenario) {
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.source().slots().stream().noneMatch(SlotState::isActive));
  }

  /**
   * Waits until the main slot is the only one: a table's own is dropped a moment after the table is
   * handed over.
   */
  public static void awaitOnlyTheMainSlot(Scenario scenario) {
    await()
        .atMost(Scenario.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(scenario.source().slots())
                    .extracting(SlotState::name)
                    .containsExactly("pgetl_apply_it"));
  }
}
