package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.store.AwaitingStore;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy that fails: what the others notice of it, what it leaves, and how it starts over. */
class CopyFaultIT {
  private static final String THREE_ROWS_EACH =
      """
      insert into users(name, age) select 'u', g from generate_series(1, 3) g;
      insert into orders(description) select 'o' from generate_series(1, 3) g;
      insert into sentinel(at) select now() from generate_series(1, 3) g;
      """;

  @TempDir private Path directory;

  /** S11: the process dies during the copy; the next one empties the table and starts over. */
  @Test
  void startsOverAfterACrash() throws IOException, InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      TestDatabase source = scenario.source();
      source.execute(
          "insert into users(id, name, age) select g, 'u', g from generate_series(1, 5000) g");
      try (ChildJvm child =
          ChildJvm.start(
              directory,
              "child",
              source,
              "-Dchild.maxBytes=4096",
              "-Dchild.haltAfterRowWrites=20")) {
        child.awaitHalted();
      }
      source.execute("delete from users where id <= 100");

      try (MemoryStore store = new MemoryStore(FileLayer.open(ChildJvm.store(directory)))) {
        store.loadTableReplicationStates();
        scenario.store(store);
        assertThat(scenario.phase("users")).isInstanceOf(DataSync.class);
        String own = "pgetl_sync_it_" + scenario.tableId("users");
        Lsn old = source.slot(own).confirmed();
        Hold rows = scenario.destination().on(Operation.ROWS).of("users").hold();
        scenario.start();
        rows.awaitReached();
        assertThat(scenario.destination().truncations("users")).isEqualTo(1);
        assertThat(source.slot(own).confirmed()).as("a slot of its own").isGreaterThan(old);
        rows.release();
        scenario.awaitReady().awaitApplied().stop();
        assertThat(scenario.destination().truncations("users")).isEqualTo(1);
        DeliveryAssert.assertThat(scenario.destination())
            .deliveredRows("users", 4900)
            .converged(source, "users");
        Leftovers.assertNone(source);
      }
    }
  }

  /** S18: one table failing in the copy does not stop the others. */
  @Test
  void stopsOneTableOnlyAndComesBackByResync() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.source().execute(THREE_ROWS_EACH);
      RecordingDestination destination = scenario.destination();
      destination.on(Operation.ROWS).of("users").reject(ErrorKind.DESTINATION_REJECTED);
      scenario.start();
      scenario.awaitPhase("users", Errored.class);
      scenario.awaitReady("orders");
      scenario.awaitReady("sentinel");
      assertStandsStill(scenario);
      scenario
          .source()
          .execute(
              "insert into orders(description) values ('streamed');"
                  + " insert into users(name, age) values ('missed', 4); delete from users where age = 1");
      scenario.awaitApplied();
      assertThat(destination.changes("orders")).hasSize(1);
      assertThat(destination.changes("users")).isEmpty();

      destination.repair();
      scenario.pipeline().resync(scenario.tableId("users"));
      scenario.awaitReady();
      scenario.source().execute("insert into users(name, age) values ('streamed', 5)");
      scenario.awaitApplied().stop();
      assertThat(destination.copiedRows("users")).hasSize(3);
      assertThat(destination.changes("users")).hasSize(1);
      assertThat(destination.rowWrites("orders")).isEqualTo(1);
      assertThat(destination.truncations("orders")).isEqualTo(1);
      DeliveryAssert.assertThat(destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users", "orders", "sentinel");
      Leftovers.assertNone(scenario.source());
    }
  }

  /** A destination that interrupts its caller leaves a table that says so. */
  @Test
  void saysThatATableWasInterrupted() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.source().execute(THREE_ROWS_EACH);
      scenario
          .destination()
          .on(Operation.ROWS)
          .of("users")
          .once()
          .rejectWith(
              () -> {
                Thread.currentThread().interrupt();
                return new IllegalStateException("interrupts whoever calls");
              });
      scenario.start();
      scenario.awaitPhase("users", Errored.class);
      assertThat(((Errored) scenario.phase("users")).reason()).contains("interrupted");
      scenario.pipeline().resync(scenario.tableId("users"));
      scenario.awaitReady().awaitApplied();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  /** The end of the copy was remembered, but the store said it was not: the two disagree. */
  @Test
  void survivesAStoreThatWroteAndFailed() throws InterruptedException {
    AwaitingStore store = new AwaitingStore(new MemoryStore());
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).store(store)) {
      scenario.source().execute(THREE_ROWS_EACH);
      TableId users = scenario.tableId("users");
      store.failAfter(
          ErrorKind.STORE_UNAVAILABLE,
          write -> users.equals(write.table()) && write.phase() instanceof FinishedCopy);
      scenario.start();
      store.awaitPassed(users, Errored.class);
      store.repair();
      scenario.source().execute("delete from users where age = 1");
      scenario.awaitReady().awaitApplied().stop();
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users", "orders", "sentinel");
      Leftovers.assertNone(scenario.source());
    }
  }

  /** It waits for a person, and holds no WAL back meanwhile. */
  private static void assertStandsStill(Scenario scenario) {
    Errored errored = (Errored) scenario.phase("users");
    assertThat(errored.retryDirective()).isEqualTo(RetryDirective.MANUAL);
    assertThat(errored.reason()).isNotBlank();
    ServerSide.awaitOnlyTheMainSlot(scenario);
  }
}
