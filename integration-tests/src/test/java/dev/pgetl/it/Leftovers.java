package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.List;

/** What a pipeline that has ended may leave on the server: its main slot, and nothing else. */
final class Leftovers {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private Leftovers() {}

  /** No slot but the main one, nobody at it, and no connection. */
  static void assertNone(TestDatabase source) {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(connections(source)).isEmpty());
    assertThat(source.slots())
        .allSatisfy(slot -> assertThat(slot.name()).startsWith("pgetl_apply_"))
        .noneMatch(SlotState::isActive);
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
