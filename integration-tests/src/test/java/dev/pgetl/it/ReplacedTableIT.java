package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.Call;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a destination that keeps the rows of copies aside is asked for, and when. */
class ReplacedTableIT {
  private static final String TABLES =
      """
      create table users (id bigint primary key, name text not null);
      create table other (id bigint primary key);
      insert into users select g, 'old ' || g from generate_series(1, 1000) g;
      create publication pub for table users, other;
      """;

  private boolean leavesOut;

  private Scenario scenario() {
    return Scenario.with(TABLES).replacing().options(this::options);
  }

  private PipelineConfig.Builder options(PipelineConfig.Builder builder) {
    TableCopyConfig copied =
        leavesOut
            ? TableCopyConfig.except(Set.of(new TableName("public", "users")))
            : TableCopyConfig.all();
    return builder.tableCopy(copied.readBy(ReadBy.KEY));
  }

  private static List<Operation> calls(RecordingDestination destination) {
    return destination.calls().stream()
        .filter(call -> call.concerns("users"))
        .map(Call::operation)
        .toList();
  }

  /** Changes wait until the new rows are there. */
  @Test
  void eventsFollowTheEnd() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady()) {
      RecordingDestination destination = scenario.destination();
      Hold end = destination.on(Operation.COPIED).of("users").hold();
      scenario.source().execute("update users set name = 'new' where id <= 10");
      scenario.awaitApplied();
      int before = calls(destination).size();
      scenario.pipeline().resync(scenario.tableId("users"));
      end.awaitReached();
      scenario.source().execute("delete from users where id = 7; insert into users values (0, '')");
      assertThat(destination.keptAside("users")).hasSize(1000);
      assertThat(destination.materialise("users")).hasSize(1000);
      assertThat(destination.copiedRows("users"))
          .allMatch(row -> String.valueOf(row.text("name")).startsWith("old"));
      end.release();
      scenario.awaitReady().awaitApplied();
      List<Operation> calls = calls(destination);
      calls = calls.subList(before, calls.size());
      assertThat(calls).startsWith(Operation.REPLACE, Operation.ROWS);
      assertThat(calls).doesNotContain(Operation.TRUNCATE);
      assertThat(calls.indexOf(Operation.EVENTS)).isGreaterThan(calls.indexOf(Operation.COPIED));
      assertThat(destination.replacements("users")).as("the first copy, too").isEqualTo(2);
      assertThat(destination.keptAside("users")).isEmpty();
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  @Test
  void aDestinationMayChangeItsMind() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady()) {
      RecordingDestination destination = scenario.destination();
      interruptCopy(scenario);
      assertThat(destination.materialise("users")).hasSize(1000);
      destination.repair();
      destination.on(Operation.REPLACE).decline();
      scenario.pipeline().resync(scenario.tableId("users"));
      await().atMost(Scenario.PATIENCE).until(() -> destination.truncations("users") == 1);
      scenario.awaitReady().awaitApplied();
      assertThat(destination.replacements("users")).isEqualTo(1);
      assertThat(destination.keptAside("users")).isEmpty();
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  /** Half of the new rows are kept aside, and the copy is to be retried later. */
  private static void interruptCopy(Scenario scenario) throws InterruptedException {
    RecordingDestination destination = scenario.destination();
    destination.on(Operation.ROWS).of("users").once().accept();
    destination.on(Operation.ROWS).of("users").reject(ErrorKind.DESTINATION_REJECTED);
    scenario.pipeline().resync(scenario.tableId("users"));
    scenario.awaitPhase("users", Errored.class);
    assertThat(destination.keptAside("users")).isNotEmpty();
  }

  /** Its replacement never ends, and must not take what is meant for the rows that stay. */
  @Test
  void aTableThatIsLeftOutKeepsItsRows() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady()) {
      RecordingDestination destination = scenario.destination();
      interruptCopy(scenario);
      destination.repair();
      scenario.stop();
      leavesOut = true;
      scenario.start();
      scenario.pipeline().resync(scenario.tableId("users"));
      scenario.awaitReady();
      scenario.source().execute("update users set name = 'later' where id > 990");
      scenario.awaitApplied().stop();
      assertThat(destination.keptAside("users")).as("nothing has ended it").isNotEmpty();
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");

      leavesOut = false;
      scenario.start().awaitReady();
      scenario.pipeline().resync(scenario.tableId("users"), new KeyRange("id", "500", null));
      await().atMost(Scenario.PATIENCE).until(() -> !destination.calls(Operation.REMOVE).isEmpty());
      scenario.awaitReady().awaitApplied();
      assertThat(destination.replacements("users")).as("of the first copy only").isEqualTo(1);
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  /** The pipeline forgets the table; another copy of it begins when it comes back. */
  @Test
  void aTableMayLeaveThePublicationMeanwhile() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady()) {
      RecordingDestination destination = scenario.destination();
      interruptCopy(scenario);
      destination.repair();
      scenario.source().execute("alter publication pub drop table users");
      scenario.stop();
      scenario.start().awaitReady();
      assertThat(scenario.store().getTableReplicationState(scenario.tableId("users"))).isEmpty();
      assertThat(destination.keptAside("users")).as("no call says that").isNotEmpty();
      assertThat(destination.materialise("users")).hasSize(1000);
      scenario.source().execute("delete from users where id > 3");
      scenario.source().execute("alter publication pub add table users");
      scenario.stop();
      scenario.start().awaitReady().awaitApplied();
      assertThat(destination.keptAside("users")).isEmpty();
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }
}
