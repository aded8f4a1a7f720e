package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Generated columns that are published, from Postgres 18 on. */
class GeneratedColumnIT {
  private static final String ITEMS =
      """
      create table items(id int primary key, n int, g int generated always as (n * 2) stored);
      insert into items(id, n) values (1, 5);
      create publication pub for table items with (publish_generated_columns = stored);
      """;

  private static final String CHANGED = "the expression of a generated column was changed";

  @BeforeAll
  static void publishesGeneratedColumns() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(18);
  }

  private static Scenario items() throws InterruptedException {
    return Scenario.with(ITEMS)
        .options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(100)))
        .start()
        .awaitReady();
  }

  private static String difference(Scenario scenario) {
    return Objects.requireNonNull(
            scenario.pipeline().status().tables().get(scenario.tableId("items")))
        .difference()
        .orElse("");
  }

  private static void awaitRefreshes(Scenario scenario) {
    for (String name : new String[] {"once", "twice", "items"}) {
      scenario.source().execute("alter table %s rename to %s".formatted(name(scenario), name));
      await().atMost(Scenario.PATIENCE).until(() -> name(scenario).equals(name));
    }
  }

  private static String name(Scenario scenario) {
    return scenario.pipeline().status().tables().values().iterator().next().name().name();
  }

  @Test
  void anotherExpressionIsReportedUntilTheTableIsCopiedAgain() throws InterruptedException {
    try (Scenario scenario = items()) {
      scenario.source().execute("alter table items alter g set expression as (n * 3)");
      await().atMost(Scenario.PATIENCE).until(() -> difference(scenario).equals(CHANGED));

      scenario.pipeline().resync(scenario.tableId("items"));
      scenario.awaitReady("items");
      awaitRefreshes(scenario);
      assertThat(difference(scenario)).isEmpty();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "items");
    }
  }

  @Test
  void soIsOneThatWasSetDuringAStop() throws InterruptedException {
    try (Scenario scenario = items()) {
      scenario.stop();
      scenario.source().execute("alter table items alter g set expression as (n * 3)");
      scenario.start();
      assertThat(difference(scenario)).isEqualTo(CHANGED);
    }
  }

  /** The rows that are there keep their values. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table items alter g set expression as (n * 2)",
        "alter table items alter g drop expression",
        "alter table items rename n to m",
        "alter table items alter n set not null"
      })
  void otherChangesAreNoDifference(String alter) throws InterruptedException {
    try (Scenario scenario = items()) {
      scenario.source().execute(alter);
      awaitRefreshes(scenario);
      assertThat(difference(scenario)).isEmpty();
    }
  }
}
