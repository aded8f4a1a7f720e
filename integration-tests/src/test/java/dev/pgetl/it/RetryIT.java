package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.store.AwaitingStore;
import dev.pgetl.testkit.store.StoreWrite;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * S77: tables that failed are tried again, so many times, also by the next process. That the
 * destination fails in a copy is no such failure until its own attempts are used up.
 */
class RetryIT {
  private static final Duration DELAY = Duration.ofMillis(200);

  private final AwaitingStore store = new AwaitingStore(new MemoryStore());

  /** S77 a: the same call so many times, then the copy starts over, however often that takes. */
  @Test
  void copiesATableAgainUntilTheDestinationIsBack() throws InterruptedException {
    try (Scenario scenario = scenario(DELAY, 2)) {
      RecordingDestination destination = scenario.destination();
      destination.on(Operation.ROWS).of("users").reject(ErrorKind.DESTINATION_UNAVAILABLE);
      long begin = System.nanoTime();
      scenario.start();
      store.awaitPhase(scenario.tableId("users"), Errored.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as("the delay, and twice the delay")
          .isGreaterThan(DELAY.multipliedBy(3));
      assertThat(destination.calls(Operation.ROWS).stream().filter(call -> call.concerns("users")))
          .hasSize(3);

      scenario.awaitReady("orders");
      scenario.source().execute("insert into orders(description) values ('unaffected')");
      scenario.awaitApplied();
      assertThat(destination.changes("orders")).hasSize(1);

      await().atMost(Scenario.PATIENCE).until(() -> failures(scenario).size() > 2);
      destination.repair();
      scenario.awaitReady();
      assertThat(directives(scenario)).containsOnly(RetryDirective.TIMED);
      assertThat(failures(scenario))
          .extracting(Errored::kind)
          .containsOnly(ErrorKind.DESTINATION_UNAVAILABLE);
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  /** S77: after a success attempts count from one again. */
  @Test
  void forgetsAttemptsAfterSuccess() throws InterruptedException {
    try (Scenario scenario = scenario(DELAY, 2)) {
      RecordingDestination destination = scenario.destination();
      failCopies(scenario, 2);
      scenario.start().awaitReady();
      assertThat(failures(scenario)).extracting(Errored::attempt).containsExactly(1, 2);

      long users = scenario.tableId("users").oid();
      destination
          .on(Operation.EVENTS)
          .of("users")
          .rejectWith(
              () ->
                  new EtlException(ErrorKind.DESTINATION_REJECTED, "no such column")
                      .withTable(users));
      scenario.source().execute("insert into users(name, age) values ('refused', 1)");
      store.awaitPhase(scenario.tableId("users"), Errored.class);
      assertThat(failures(scenario)).extracting(Errored::attempt).containsExactly(1, 2, 1);
    }
  }

  /** S77 b: stopped while the time of the retry lies ahead; the next process retries at once. */
  @Test
  void retriesAtOnceAfterARestart() throws InterruptedException {
    try (Scenario scenario = scenario(Duration.ofHours(1), 2)) {
      RecordingDestination destination = scenario.destination();
      failCopies(scenario, 1);
      scenario.start();
      scenario.awaitReady("orders");
      scenario.awaitReady("sentinel");
      store.awaitPhase(scenario.tableId("users"), Errored.class);
      scenario.stop();
      Errored waiting = (Errored) scenario.phase("users");
      assertThat(waiting.retryDirective()).isEqualTo(RetryDirective.TIMED);
      Leftovers.assertNone(scenario.source());

      scenario.start().awaitReady();
      assertThat(failures(scenario)).containsOnly(waiting);
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  /** S77 b: the attempts made before the restart count. */
  @Test
  void countsAttemptsOverARestart() throws InterruptedException {
    try (Scenario scenario = scenario(Duration.ofMillis(500), 1)) {
      RecordingDestination destination = scenario.destination();
      failCopies(scenario, ErrorKind.SOURCE_FAILED, Integer.MAX_VALUE);
      scenario.start();
      store.awaitPhase(scenario.tableId("users"), Errored.class);
      scenario.stop();
      scenario.start();
      destination.await(
          "the last attempt", recorder -> directives(scenario).contains(RetryDirective.MANUAL));
      assertThat(failures(scenario))
          .as("stored again by the start, which looks what was before")
          .extracting(Errored::attempt)
          .containsExactly(1, 1, 2);
    }
  }

  /** S77 c: what waits for a person, or for nothing, does so after a restart too. */
  @Test
  void leavesTablesAloneThatAreNotToBeRetried() throws InterruptedException {
    try (Scenario scenario = scenario(DELAY, 2)) {
      RecordingDestination destination = scenario.destination();
      destination.on(Operation.ROWS).of("users").once().reject(ErrorKind.DESTINATION_REJECTED);
      destination.on(Operation.ROWS).of("orders").once().reject(ErrorKind.CONFIGURATION);
      scenario.start();
      store.awaitPhase(scenario.tableId("users"), Errored.class);
      store.awaitPhase(scenario.tableId("orders"), Errored.class);
      scenario.awaitReady("sentinel");
      TableReplicationPhase manual = scenario.phase("users");
      TableReplicationPhase none = scenario.phase("orders");
      assertThat(((Errored) manual).retryDirective()).isEqualTo(RetryDirective.MANUAL);
      assertThat(((Errored) none).retryDirective()).isEqualTo(RetryDirective.NONE);
      scenario.stop();
      int calls = destination.calls().size();

      LogRecorder log = new LogRecorder();
      log.start();
      scenario.start();
      log.stop();
      assertThat(log.lines("table public.users failed: DESTINATION_REJECTED")).hasSize(1);
      assertThat(log.lines("table public.orders failed: CONFIGURATION")).hasSize(1);
      scenario.source().execute("insert into sentinel default values");
      scenario.awaitApplied();
      await()
          .during(DELAY.multipliedBy(3))
          .until(
              () ->
                  scenario.phase("users").equals(manual) && scenario.phase("orders").equals(none));
      assertThat(destination.calls().subList(calls, destination.calls().size()))
          .allSatisfy(
              call -> assertThat(call.operation()).isNotIn(Operation.TRUNCATE, Operation.ROWS));
      scenario.stop();
      Leftovers.assertNone(scenario.source());
    }
  }

  /** The store may be away for the same reason as the table's worker failed. */
  @Test
  void triesATableAgainWhoseFailureCannotBeStored() throws InterruptedException {
    store.failBefore(ErrorKind.STORE_UNAVAILABLE, write -> write.phase() instanceof Errored);
    try (Scenario scenario = scenario(DELAY, 1)) {
      RecordingDestination destination = scenario.destination();
      failCopies(scenario, 3);
      scenario.start().awaitReady();
      assertThat(failures(scenario)).isEmpty();
      DeliveryAssert.assertThat(destination).converged(scenario.source(), "users");
    }
  }

  @Test
  void triesATableAgainThoughTheStoreIsAwayWhenItsTimeHasCome() throws InterruptedException {
    AtomicInteger attempts = new AtomicInteger();
    try (Scenario scenario = scenario(DELAY, 1)) {
      store.failBefore(
          ErrorKind.STORE_UNAVAILABLE,
          write ->
              write.phase() instanceof DataSync
                  && !failures(scenario).isEmpty()
                  && attempts.incrementAndGet() > 0);
      failCopies(scenario, 1);
      scenario.start();
      await().until(() -> attempts.get() >= 2);
      store.repair();
      scenario.awaitReady();
      assertThat(failures(scenario)).extracting(Errored::attempt).containsExactly(1);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }

  /** The store is away just when a table is refused: the others go on once it is back. */
  @Test
  void waitsForTheStoreToPutARefusedTableAside() throws InterruptedException {
    AtomicInteger attempts = new AtomicInteger();
    store.failBefore(
        ErrorKind.STORE_UNAVAILABLE,
        write -> write.phase() instanceof Errored && attempts.incrementAndGet() <= 2);
    try (Scenario scenario = scenario(DELAY, 3)) {
      scenario.start().awaitReady();
      refuse(scenario, "users");
      scenario
          .source()
          .execute(
              "insert into users(name, age) values ('refused', 4);"
                  + " insert into orders(description) values ('taken')");
      scenario.awaitApplied();
      assertThat(attempts.get()).isEqualTo(3);
      assertThat(scenario.destination().changes("orders")).hasSize(1);
      assertThat(failures(scenario)).extracting(Errored::attempt).containsExactly(1);
      assertThat(directives(scenario)).containsExactly(RetryDirective.MANUAL);
    }
  }

  /** A person was quicker than the retry, and the table has failed for good since. */
  @Test
  void leavesATableAloneWhoseRetryIsOutOfDate() throws InterruptedException {
    Duration delay = Duration.ofSeconds(2);
    try (Scenario scenario = scenario(delay, 2)) {
      failCopies(scenario, 1);
      scenario.start();
      store.awaitPhase(scenario.tableId("users"), Errored.class);
      scenario.pipeline().resync(scenario.tableId("users"));
      scenario.awaitReady();
      refuse(scenario, "users");
      scenario.source().execute("insert into users(name, age) values ('refused', 4)");
      Errored refused = store.awaitPhase(scenario.tableId("users"), Errored.class);
      assertThat(refused.retryDirective()).isEqualTo(RetryDirective.MANUAL);

      scenario.destination().repair();
      await().during(delay.multipliedBy(2)).until(() -> scenario.phase("users").equals(refused));
    }
  }

  /** The first copies of {@code users} end with their table's shape, which cannot be stored. */
  private void failCopies(Scenario scenario, int count) {
    failCopies(scenario, ErrorKind.STORE_UNAVAILABLE, count);
  }

  private void failCopies(Scenario scenario, ErrorKind kind, int count) {
    TableId users = scenario.tableId("users");
    AtomicInteger left = new AtomicInteger(count);
    store.failBefore(
        kind,
        write ->
            write.kind() == StoreWrite.Kind.SCHEMA
                && users.equals(write.table())
                && left.getAndDecrement() > 0);
  }

  private static void refuse(Scenario scenario, String table) {
    long oid = scenario.tableId(table).oid();
    scenario
        .destination()
        .on(Operation.EVENTS)
        .of(table)
        .rejectWith(
            () ->
                new EtlException(ErrorKind.DESTINATION_REJECTED, "no such column").withTable(oid));
  }

  /** A listener that takes its time must not make a retry come too early. */
  @Test
  void triesATableAgainThoughAListenerHoldsItsWorkerUp() throws InterruptedException {
    CountDownLatch retried = new CountDownLatch(1);
    PipelineListener slow =
        new PipelineListener() {
          @Override
          public void onRetry(EtlException failure, int attempt, Duration delay) {
            try {
              assertThat(retried.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (Scenario scenario = scenario(Duration.ofMillis(10), 1).listener(slow)) {
      failCopies(scenario, 1);
      scenario.start().awaitReady();
      assertThat(failures(scenario)).hasSize(1);
      retried.countDown();
    }
  }

  private Scenario scenario(Duration delay, int attempts) {
    Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .store(store)
            .options(
                builder ->
                    builder.tableErrorRetryDelay(delay).tableErrorRetryMaxAttempts(attempts));
    scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2), ('c', 3)");
    return scenario;
  }

  private List<Errored> failures(Scenario scenario) {
    return store.phases(scenario.tableId("users")).stream()
        .filter(Errored.class::isInstance)
        .map(Errored.class::cast)
        .toList();
  }

  private List<RetryDirective> directives(Scenario scenario) {
    return failures(scenario).stream().map(Errored::retryDirective).toList();
  }
}
