package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.Call;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.store.AwaitingStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A table that is copied again, and a destination that does not go along. */
class ResyncIT {
  private static final Duration PROMPTLY = Duration.ofSeconds(8);

  private final AwaitingStore store = new AwaitingStore(new MemoryStore());

  /** S78 a: the destination refuses to empty the table. */
  @Test
  void triesARefusedTruncateAgain() throws InterruptedException {
    try (Scenario scenario = readyWithTwoUsers()) {
      RecordingDestination destination = scenario.destination();
      TableId users = scenario.tableId("users");
      destination.on(Operation.TRUNCATE).once().reject(ErrorKind.DESTINATION_UNAVAILABLE);
      scenario.pipeline().resync(users);
      scenario.awaitReady();
      assertThat(store.phases(users)).noneMatch(Errored.class::isInstance);
      assertThat(destination.calls(Operation.TRUNCATE))
          .filteredOn(call -> call.concerns("users"))
          .hasSize(3);
      assertThat(destination.truncations("users")).isEqualTo(2);
      assertThat(destination.copiedRows("users")).hasSize(2);
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  /** S78 b: the table was emptied, but the destination said it was not. */
  @Test
  void repeatsATruncateOfWhichItDoesNotKnow() throws InterruptedException {
    try (Scenario scenario = readyWithTwoUsers()) {
      RecordingDestination destination = scenario.destination();
      TableId users = scenario.tableId("users");
      destination.on(Operation.TRUNCATE).once().failAfterWrite(ErrorKind.DESTINATION_UNAVAILABLE);
      scenario.pipeline().resync(users);
      scenario.awaitReady();
      assertThat(store.phases(users)).noneMatch(Errored.class::isInstance);
      assertThat(destination.truncations("users")).isEqualTo(3);
      assertThat(destination.copiedRows("users")).hasSize(2);
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  /** S78 c: no answer until after the end; what comes back then has no consequences. */
  @Test
  void endsWhileATruncateHangsAndForgetsNothing() throws InterruptedException {
    try (Scenario scenario = readyWithTwoUsers()) {
      TableId users = scenario.tableId("users");
      List<TableSchema> schemas = store.getTableSchemas();
      Hold hold = scenario.destination().on(Operation.TRUNCATE).hold().ignoringInterrupts();
      scenario.pipeline().resync(users);
      hold.awaitReached();
      long begin = System.nanoTime();
      scenario.stop();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PROMPTLY);
      assertThat(scenario.phase("users")).isEqualTo(new DataSync());

      hold.release();
      await().atMost(Scenario.PATIENCE).until(() -> !isAlive("etl-it-sync-" + users));
      assertThat(scenario.phase("users")).isEqualTo(new DataSync());
      assertThat(store.getTableSchemas()).isEqualTo(schemas);

      scenario.start().awaitReady();
      assertThat(scenario.destination().copiedRows("users")).hasSize(2);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
      scenario.stop();
      Leftovers.assertNone(scenario.source());
    }
  }

  /** The copy that hangs is left alone, and the next one begins when it has come back. */
  @Test
  void doesNotWaitForACopyThatHangs() throws InterruptedException {
    try (Scenario scenario = withTwoUsers()) {
      RecordingDestination destination = scenario.destination();
      Hold hold = destination.on(Operation.ROWS).of("users").hold().ignoringInterrupts();
      scenario.start();
      hold.awaitReached();
      resyncPromptly(scenario);
      scenario.awaitReady("orders");
      assertThat(destination.rowWrites("users")).isZero();
      assertThat(destination.truncations("users")).isEqualTo(1);

      hold.release();
      scenario.awaitReady().awaitApplied();
      assertThat(destination.truncations("users")).isEqualTo(2);
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  /** Events that hang come back before the table is emptied, never behind the new copy. */
  @Test
  void doesNotWaitForACatchUpThatHangs() throws InterruptedException {
    try (Scenario scenario = withTwoUsers()) {
      RecordingDestination destination = scenario.destination();
      Hold copy = destination.on(Operation.ROWS).of("users").hold();
      Hold events = destination.on(Operation.EVENTS).of("users").hold().ignoringInterrupts();
      scenario.start();
      copy.awaitReached();
      scenario.source().execute("insert into users(id, name, age) values (3, 'late', 3)");
      copy.release();
      events.awaitReached();
      scenario.source().execute("delete from users where id = 3");
      resyncPromptly(scenario);
      scenario.awaitReady("orders");
      assertThat(destination.truncations("users")).isEqualTo(1);

      events.release();
      scenario.awaitReady().awaitApplied();
      assertThat(destination.truncations("users")).isEqualTo(2);
      List<Operation> calls =
          destination.calls().stream()
              .filter(call -> call.concerns("users"))
              .map(Call::operation)
              .toList();
      assertThat(calls)
          .containsSubsequence(
              Operation.ROWS, Operation.EVENTS, Operation.TRUNCATE, Operation.ROWS);
      assertThat(calls.lastIndexOf(Operation.EVENTS))
          .isLessThan(calls.lastIndexOf(Operation.TRUNCATE));
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  /** Whether the store knows of the new beginning or not: the main stream carries the table. */
  @Test
  void losesNothingWhileItsBeginningCannotBeStored() throws InterruptedException {
    try (Scenario scenario = readyWithTwoUsers()) {
      store.failBefore(ErrorKind.STORE_UNAVAILABLE, write -> write.phase() instanceof Init);
      scenario.pipeline().resync(scenario.tableId("users"));
      scenario.source().execute("insert into users(id, name, age) values (3, 'meanwhile', 3)");
      scenario.awaitApplied().stop();
      store.repair();
      scenario.start().awaitReady().awaitApplied();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  @Test
  void beginsOnceTheStoreIsBack() throws InterruptedException {
    try (Scenario scenario = readyWithTwoUsers()) {
      store.failBefore(ErrorKind.STORE_UNAVAILABLE, write -> write.phase() instanceof Init);
      scenario.pipeline().resync(scenario.tableId("users"));
      store.repair();
      awaitCopiedAgain(scenario);
    }
  }

  /** Whoever asked does not wait any longer; the copy that runs has been told to end. */
  @Test
  void beginsThoughTheCallerIsInterrupted() throws InterruptedException {
    try (Scenario scenario = withTwoUsers()) {
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").hold().ignoringInterrupts();
      scenario.start();
      hold.awaitReached();
      AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
      TableId users = scenario.tableId("users");
      Thread caller =
          new Thread(() -> thrown.set(catchThrowable(() -> scenario.pipeline().resync(users))));
      caller.start();
      await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
      caller.interrupt();
      caller.join();
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      hold.release();
      awaitCopiedAgain(scenario);
    }
  }

  /** The destination refuses what the main stream still has of the table: it comes again anyway. */
  @Test
  void isNotUndoneByARefusalOfOldChanges() throws InterruptedException {
    try (Scenario scenario = readyWithTwoUsers()) {
      TableId users = scenario.tableId("users");
      CountDownLatch reached = new CountDownLatch(1);
      CompletableFuture<EtlException> answer = new CompletableFuture<>();
      scenario
          .destination()
          .on(Operation.EVENTS)
          .of("users")
          .once()
          .rejectWith(
              () -> {
                reached.countDown();
                return answer.join();
              });
      scenario.source().execute("insert into users(id, name, age) values (3, 'refused', 3)");
      reached.await();
      scenario.pipeline().resync(users);
      answer.complete(
          new EtlException(ErrorKind.DESTINATION_REJECTED, "refused").withTable(users.oid()));
      awaitCopiedAgain(scenario);
      assertThat(store.phases(users)).noneMatch(Errored.class::isInstance);
    }
  }

  private static void awaitCopiedAgain(Scenario scenario) throws InterruptedException {
    scenario
        .destination()
        .await("users is copied again", recorder -> recorder.truncations("users") == 2);
    scenario.awaitReady().awaitApplied();
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
  }

  private static void resyncPromptly(Scenario scenario) throws InterruptedException {
    long begin = System.nanoTime();
    scenario.pipeline().resync(scenario.tableId("users"));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PROMPTLY);
  }

  private static boolean isAlive(String thread) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(alive -> alive.getName().equals(thread));
  }

  private Scenario readyWithTwoUsers() throws InterruptedException {
    return withTwoUsers().start().awaitReady();
  }

  private Scenario withTwoUsers() {
    Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .store(store)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)));
    scenario.source().execute("insert into users(id, name, age) values (1, 'a', 1), (2, 'b', 2)");
    return scenario;
  }
}
