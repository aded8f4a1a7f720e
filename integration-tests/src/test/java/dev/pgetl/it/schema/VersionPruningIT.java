package dev.pgetl.it.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.it.Scenario;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Versions of a table are kept for as long as a replay can need them, and no longer. */
class VersionPruningIT {
  private static final int ROUNDS = 50;

  private List<TableSchema> everSeen = List.of();

  /** S40. */
  @Test
  void keepsTheVersionsAReplayNeedsAndNoOthers() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(
                builder ->
                    builder
                        .publicationRefreshInterval(Duration.ofMillis(100))
                        .shutdownTimeout(Duration.ofMillis(200)))
            .start()
            .awaitReady()) {
      TableSchema last = manyVersions(scenario);
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      scenario
          .source()
          .execute(
              """
              insert into users(name, age) values ('c', 3);
              alter table users add column y int; insert into users(name, age, y) values ('d', 4, 1);
              alter table users add column z int; insert into users(name, age, y, z) values ('e', 5, 1, 1);
              """);
      hold.awaitReached();
      awaitRefresh(scenario, "late");
      awaitRefresh(scenario, "later");
      assertThat(stored(scenario)).contains(last);

      scenario.pipeline().close();
      scenario.start().awaitReady().awaitApplied();
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
      awaitOnlyTheLastIsStored(scenario, 2 * ROUNDS + 2);
    }
  }

  /** {@return the last of a hundred versions, all of them delivered} */
  private TableSchema manyVersions(Scenario scenario) throws InterruptedException {
    for (int i = 0; i < ROUNDS; i++) {
      scenario
          .source()
          .execute(
              """
              alter table users add column c%1$d int; insert into users(name, age, c%1$d) values ('a', 1, 1);
              alter table users drop column c%1$d; insert into users(name, age) values ('b', 2);
              """
                  .formatted(i));
    }
    scenario.awaitApplied();
    return awaitOnlyTheLastIsStored(scenario, 2 * ROUNDS);
  }

  private TableSchema awaitOnlyTheLastIsStored(Scenario scenario, int announced) {
    everSeen = scenario.versions(scenario.tableId("users"));
    assertThat(everSeen).hasSize(announced);
    TableSchema last = everSeen.get(announced - 1);
    await().atMost(Scenario.PATIENCE).until(() -> stored(scenario).equals(List.of(last)));
    return last;
  }

  /** The publication is read, and versions are pruned after that. */
  private static void awaitRefresh(Scenario scenario, String table) {
    scenario
        .source()
        .execute(
            "create table %1$s(id int primary key); alter publication pub add table %1$s"
                .formatted(table));
    scenario.awaitPhase(table, TableReplicationPhase.class);
  }

  private List<TableSchema> stored(Scenario scenario) {
    return everSeen.stream()
        .filter(
            version ->
                scenario
                    .store()
                    .getTableSchema(version.id(), version.snapshotLsn())
                    .filter(version::equals)
                    .isPresent())
        .toList();
  }
}
