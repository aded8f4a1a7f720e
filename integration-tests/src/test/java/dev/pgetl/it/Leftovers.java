package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.store.StateStore;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;
import java.util.stream.Stream;

/**
 * What pipelines that have ended may leave on the server: their main slots, and the slots of tables
 * whose rows are copied but whose changes since are not, for the next start goes on with those.
 */
final class Leftovers {
  private Leftovers() {}

  /**
   * No slot but those, nobody at them, and no connection.
   *
   * @param interrupted the stores of pipelines that may have been ended before their tables were
   *     {@code Ready}
   */
  static void assertNone(TestDatabase source, StateStore... interrupted) {
    await()
        .atMost(Scenario.PATIENCE)
        .untilAsserted(() -> assertThat(connections(source)).isEmpty());
    List<String> copied =
        Stream.of(interrupted)
            .flatMap(store -> store.getTableReplicationStates().entrySet().stream())
            .filter(state -> state.getValue() instanceof FinishedCopy)
            .map(state -> "_" + state.getKey())
            .toList();
    assertThat(source.slots())
        .map(SlotState::name)
        .allMatch(
            name -> name.startsWith("pgetl_apply_") || copied.stream().anyMatch(name::endsWith));
    assertThat(source.slots()).noneMatch(SlotState::isActive);
  }

  /**
   * The application names of the connections that pipelines have open in a database; a store's
   * belongs to whoever opened the store.
   */
  static List<String> connections(TestDatabase source) {
    return source
        .query(
            "select application_name from pg_stat_activity where datname = current_database()"
                + " and application_name like 'pgetl/%'"
                + " and application_name not like '%/store' order by 1")
        .stream()
        .map(row -> String.valueOf(row.get(0)))
        .toList();
  }
}
