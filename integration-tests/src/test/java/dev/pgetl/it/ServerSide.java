package dev.pgetl.it;

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
}
