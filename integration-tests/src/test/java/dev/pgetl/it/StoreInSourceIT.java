package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The state of a pipeline kept in its own source database, all of whose tables are published: the
 * tables of the store are not taken for data.
 */
class StoreInSourceIT {
  private final Scenario scenario =
      Scenario.with(
          "create table t(id int primary key); insert into t values (1); create publication pub for all tables");

  @AfterEach
  void close() {
    scenario.close();
  }

  @Test
  void theStoresOwnTablesAreNeitherCopiedNorStreamed() throws InterruptedException {
    for (int start = 1; start <= 2; start++) {
      try (MemoryStore store = store()) {
        scenario.store(store).start().awaitReady();
        scenario.source().execute("insert into t values (1 + %d)".formatted(start));
        scenario.awaitApplied();
        assertThat(
                scenario
                    .source()
                    .query("select 1 from pg_publication_tables where schemaname = 'pgetl'"))
            .isNotEmpty();
        assertThat(store.getTableReplicationStates()).containsOnlyKeys(scenario.tableId("t"));
        scenario.stop();
      }
    }
    assertThat(scenario.destination().tables()).containsExactly("public.t");
    assertThat(scenario.destination().rowWrites("t")).isEqualTo(1);
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "t");
  }

  /** Storing a position makes WAL, which makes a new position: once a second, no more. */
  @Test
  void rememberingPositionsDoesNotSpin() throws InterruptedException {
    AtomicInteger positions = new AtomicInteger();
    scenario.listener(
        new PipelineListener() {
          @Override
          public void onProgress(Lsn flushed) {
            positions.incrementAndGet();
          }
        });
    try (MemoryStore store = store()) {
      scenario.store(store).start().awaitReady();
      int before = positions.get();
      await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
      assertThat(positions.get() - before).isLessThanOrEqualTo(4);
      scenario.stop();
    }
  }

  private MemoryStore store() {
    return new MemoryStore(
        PostgresLayer.builder(scenario.source().connectionConfig(), "it").build());
  }
}
