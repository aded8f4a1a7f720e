package dev.pgetl.it.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the stream says of rows that are truncated or dropped with their partition. */
class PartitionTruncationIT {
  private static final String EV =
      """
      create table ev(id int, k int, primary key (id, k)) partition by range (k);
      create table ev_1 partition of ev for values from (0) to (100);
      create table ev_2 partition of ev for values from (100) to (200);
      insert into ev values (1, 50), (2, 150);
      """;

  private static final String BY_ROOT =
      "create publication pub for table ev with (publish_via_partition_root = true);";
  private static final String BY_LEAF = "create publication pub for table ev;";

  @Test
  void throughTheRootATruncationOfTheRootIsOneOfTheTable() throws InterruptedException {
    try (Scenario scenario = Scenario.with(EV + BY_ROOT).start().awaitReady()) {
      scenario.source().execute("truncate ev; insert into ev values (3, 60)");
      scenario.awaitApplied();
      assertThat(truncated(scenario)).containsExactly(List.of("ev"));
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "ev");
    }
  }

  /** The server sends neither. */
  @Test
  void throughTheRootATruncatedOrDroppedPartitionIsNoEvent() throws InterruptedException {
    try (Scenario scenario = Scenario.with(EV + BY_ROOT).start().awaitReady()) {
      scenario.source().execute("truncate ev_1; drop table ev_2; insert into ev values (3, 60)");
      scenario.awaitApplied();
      assertThat(scenario.destination().changes("ev"))
          .singleElement()
          .isInstanceOf(Event.Insert.class);
      assertThat(scenario.destination().truncations("ev")).isEqualTo(1);
      assertThat(scenario.destination().materialise("ev")).hasSize(3);

      scenario.pipeline().resync(scenario.tableId("ev"));
      scenario.awaitReady("ev");
      DeliveryAssert.assertThat(scenario.destination()).converges(scenario.source(), "ev");
    }
  }

  @Test
  void byLeafATruncationNamesThePartitions() throws InterruptedException {
    try (Scenario scenario = Scenario.with(EV + BY_LEAF).start().awaitReady()) {
      scenario.source().execute("truncate ev; insert into ev values (3, 60); truncate ev_1");
      scenario.awaitApplied();
      assertThat(truncated(scenario)).containsExactly(List.of("ev_1", "ev_2"), List.of("ev_1"));
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "ev_1", "ev_2");
    }
  }

  private static List<List<String>> truncated(Scenario scenario) {
    return scenario.destination().events().stream()
        .filter(Event.Truncate.class::isInstance)
        .map(event -> ((Event.Truncate) event).tables())
        .map(tables -> tables.stream().map(table -> table.name().name()).sorted().toList())
        .toList();
  }
}
