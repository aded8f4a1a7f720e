package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.event.Event;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * An update that moves a row into the row filter. The server sends it as an insert, without the
 * large values that the update did not change.
 */
class FilteredLargeValueIT {
  private static final String TABLE =
      """
      create table f(id int not null, age int not null, note text, primary key (id, age));
      alter table f alter note set storage external;
      create publication pub for table f where (age >= 18);
      insert into f values (1, 17, repeat('x', 5000)), (2, 18, 'b'), (3, 17, 'c');
      """;

  @BeforeAll
  static void requireRowFilters() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
  }

  private static Optional<String> difference(Scenario scenario) {
    TableStatus status = scenario.pipeline().status().tables().get(scenario.tableId("f"));
    return Objects.requireNonNull(status).difference();
  }

  @Test
  void aValueThatIsMissingIsReportedUntilTheTableIsCopied() throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE).start().awaitReady()) {
      scenario.source().execute("update f set age = 18 where id = 3");
      scenario.awaitApplied();
      assertThat(difference(scenario)).isEmpty();

      scenario.source().execute("update f set age = 18 where id = 1");
      scenario.awaitApplied();
      Event.Insert insert = scenario.changes("f", Event.Insert.class).get(1);
      assertThat(insert.row().isPresent(2)).isFalse();
      assertThat(difference(scenario)).hasValueSatisfying(why -> assertThat(why).contains("note"));

      scenario.stop().start().awaitApplied();
      assertThat(difference(scenario)).isPresent();

      scenario.pipeline().resync(new TableName("public", "f"));
      scenario.awaitReady().awaitApplied();
      assertThat(difference(scenario)).isEmpty();
    }
  }

  @Test
  void underAFullIdentityTheServerSendsIt() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(TABLE + "alter table f replica identity full;").start().awaitReady()) {
      scenario.source().execute("update f set age = 18 where id = 1");
      scenario.awaitApplied();
      assertThat(scenario.changes("f", Event.Insert.class))
          .singleElement()
          .satisfies(insert -> assertThat(insert.row().getString(2)).hasSize(5000));
      assertThat(difference(scenario)).isEmpty();
    }
  }
}
