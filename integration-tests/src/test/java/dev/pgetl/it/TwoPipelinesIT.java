package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** S84: pipelines 4 and 42 in one database, with their states in the same tables. */
class TwoPipelinesIT {

  /** S84: 4 cleans up, forgets a table and goes; nothing of 42 is touched. */
  @Test
  void oneDoesNotTouchWhatIsTheOthers() throws InterruptedException {
    try (TestDatabase source = database();
        MemoryStore store4 = store(source, "4");
        MemoryStore store42 = store(source, "42")) {
      RecordingDestination destination42 = new RecordingDestination();
      Hold copy = destination42.on(Operation.ROWS).of("users").hold();
      try (Pipeline pipeline42 = pipeline(source, "42", "pub", store42, destination42)) {
        copy.awaitReached();
        TableId users = tableId(source, "users");
        TableId orders = tableId(source, "orders");
        await()
            .atMost(Scenario.PATIENCE)
            .until(() -> store42.getTableReplicationState(orders).get() instanceof Ready);
        source.execute(
            "select pg_create_logical_replication_slot('pgetl_sync_4_999999', 'pgoutput')");

        runAndForget(source, store4, users);

        assertThat(source.slots())
            .extracting(SlotState::name)
            .containsExactly("pgetl_apply_42", "pgetl_sync_42_" + users);
        store42.loadTableReplicationStates();
        store42.loadReplicationProgress();
        assertThat(store42.getTableReplicationState(users)).contains(new DataSync());
        assertThat(store42.getTableReplicationState(orders)).contains(new Ready());
        assertThat(store42.getReplicationProgress("pgetl_apply_42")).isPresent();
        assertThat(store42.getReplicationProgress("pgetl_sync_42_" + users)).isPresent();

        copy.release();
        assertThat(pipeline42.awaitReady(Scenario.PATIENCE)).isTrue();
        assertThat(pipeline42.awaitApplied(source.currentLsn(), Scenario.PATIENCE)).isTrue();
      }
      DeliveryAssert.assertThat(destination42)
          .deliveredOnceInOrder()
          .converged(source, "users", "orders");
    }
  }

  /** Runs pipeline 4 until it has dropped an old slot, copied, forgotten a table, and ended. */
  private static void runAndForget(TestDatabase source, MemoryStore store, TableId users)
      throws InterruptedException {
    RecordingDestination destination = new RecordingDestination();
    try (Pipeline pipeline = pipeline(source, "4", "pub4", store, destination)) {
      assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();
      source.execute(
          "alter publication pub4 drop table users; insert into users(name, age) values ('late', 2);"
              + " insert into orders(description) values ('late')");
      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> store.getTableReplicationState(users).isEmpty());
      Lsn now = source.currentLsn();
      assertThat(pipeline.awaitApplied(now, Scenario.PATIENCE)).isTrue();
    }
    DeliveryAssert.assertThat(destination).converged(source, "orders");
    await().atMost(Scenario.PATIENCE).until(() -> !source.slot("pgetl_apply_4").isActive());
    source.execute("select pg_drop_replication_slot('pgetl_apply_4')");
  }

  private static TestDatabase database() {
    TestDatabase source = TestPostgres.shared().createDatabase();
    source.execute(Scenario.USERS_AND_ORDERS);
    source.execute(
        "create publication pub4 for table users, orders; insert into users(name, age) values ('a', 1)");
    return source;
  }

  private static MemoryStore store(TestDatabase source, String id) {
    return new MemoryStore(PostgresLayer.builder(source.connectionConfig(), id).build());
  }

  private static Pipeline pipeline(
      TestDatabase source,
      String id,
      String publication,
      MemoryStore store,
      RecordingDestination destination) {
    PipelineConfig config =
        PipelineConfig.builder(id, publication, source.connectionConfig())
            .publicationRefreshInterval(Duration.ofMillis(200))
            .build();
    Pipeline pipeline = Pipeline.create(config, store, destination);
    pipeline.start();
    return pipeline;
  }

  private static TableId tableId(TestDatabase source, String table) {
    return new TableId(Long.parseLong(source.value("select '" + table + "'::regclass::oid::text")));
  }
}
