package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** S81: starting, waiting and ending, in every order and from every thread. */
class LifeCycleIT {

  /** S81: a second start is refused, and the first run does not notice. */
  @Test
  void startsOnce() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      assertThatThrownBy(scenario.pipeline()::start).isInstanceOf(IllegalStateException.class);
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      scenario.awaitApplied().stop();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
      assertThatThrownBy(scenario.pipeline()::start).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void whatIsWaitedForMayTakeAnyTime() throws InterruptedException {
    Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start()) {
      Pipeline pipeline = scenario.pipeline();
      assertThat(pipeline.awaitReady(endless)).isTrue();
      assertThat(pipeline.awaitApplied(scenario.source().currentLsn(), endless)).isTrue();
      scenario.stop();
      assertThat(pipeline.awaitTermination(endless)).isTrue();
    }
  }

  /** S81: the destination fails to start. */
  @Test
  void createsNothingIfTheDestinationDoesNotStart() {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.destination().on(Operation.STARTUP).reject(ErrorKind.DESTINATION_AUTHENTICATION);
      Pipeline pipeline = create(scenario);
      EtlException failure = catchThrowableOfType(EtlException.class, pipeline::start);
      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_AUTHENTICATION);
      assertThat(pipeline.status().state()).isEqualTo(State.FAILED);
      assertThatThrownBy(pipeline::awaitTermination).isSameAs(failure);
      assertThat(scenario.source().slots()).isEmpty();
      assertThat(scenario.store().getTableReplicationStates()).isEmpty();
      assertThat(scenario.destination().calls(Operation.CLOSE)).hasSize(1);
      Leftovers.assertNone(scenario.source());
    }
  }

  /** A library the destination needs is missing: an error, and the end like any other. */
  @Test
  void endsByAnErrorInTheStart() {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      NoClassDefFoundError missing = new NoClassDefFoundError("org/example/Missing");
      scenario
          .destination()
          .on(Operation.STARTUP)
          .rejectWith(
              () -> {
                throw missing;
              });
      Pipeline pipeline = create(scenario);
      EtlException failure = catchThrowableOfType(EtlException.class, pipeline::start);
      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
      assertThat(failure).hasCause(missing);
      assertThat(pipeline.status().state()).isEqualTo(State.FAILED);
      assertThatThrownBy(pipeline::awaitTermination).isSameAs(failure);
      assertThat(scenario.destination().calls(Operation.CLOSE)).hasSize(1);
      Leftovers.assertNone(scenario.source());
    }
  }

  /** S81: the destination fails to close: the waiting caller hears of it, the rest is closed. */
  @Test
  void reportsADestinationThatDoesNotClose() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario.destination().on(Operation.CLOSE).reject(ErrorKind.DESTINATION_FAILED);
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      scenario.awaitApplied();
      scenario.pipeline().close();
      assertThat(catchThrowable(scenario.pipeline()::awaitTermination))
          .isInstanceOfSatisfying(
              EtlException.class,
              failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED));
      assertThat(scenario.pipeline().status().state()).isEqualTo(State.FAILED);
      Leftovers.assertNone(scenario.source());

      scenario.destination().repair();
      scenario.start().awaitReady().awaitApplied().stop();
      assertThat(scenario.destination().changes("users")).hasSize(1);
    }
  }

  /** S81: ended before it began. */
  @Test
  void canBeShutDownBeforeTheStart() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      Pipeline pipeline = create(scenario);
      pipeline.shutdown();
      pipeline.shutdown();
      pipeline.close();
      pipeline.awaitTermination();
      assertThat(pipeline.status().state()).isEqualTo(State.STOPPED);
      assertThatThrownBy(pipeline::start).isInstanceOf(IllegalStateException.class);
      assertThat(scenario.source().slots()).isEmpty();
    }
  }

  /** S81: ended while it starts. */
  @Test
  void canBeShutDownWhileItStarts() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      Hold hold = scenario.destination().on(Operation.STARTUP).hold();
      Pipeline pipeline = create(scenario);
      CompletableFuture<Void> starting = CompletableFuture.runAsync(pipeline::start);
      hold.awaitReached();
      pipeline.shutdown();
      assertThat(pipeline.status().state()).isIn(State.STOPPING, State.STOPPED);
      hold.release();
      assertThat(pipeline.awaitTermination(Scenario.PATIENCE)).isTrue();
      starting.join();
      assertThat(pipeline.status().state()).isEqualTo(State.STOPPED);
      assertThat(scenario.destination().calls(Operation.CLOSE)).hasSize(1);
    }
  }

  /** S81: ended by many at once. */
  @Test
  void canBeShutDownBySeveralThreads() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      Pipeline pipeline = scenario.pipeline();
      List<CompletableFuture<Void>> callers =
          IntStream.range(0, 8)
              .mapToObj(
                  i ->
                      CompletableFuture.runAsync(i % 2 == 0 ? pipeline::shutdown : pipeline::close))
              .toList();
      pipeline.awaitTermination();
      callers.forEach(CompletableFuture::join);
      pipeline.shutdown();
      pipeline.close();
      assertThat(pipeline.status().state()).isEqualTo(State.STOPPED);
      assertThat(scenario.destination().calls(Operation.CLOSE)).hasSize(1);
      assertThat(scenario.phase("users")).isInstanceOf(Ready.class);
      Leftovers.assertNone(scenario.source());
    }
  }

  /** S81: an interrupted waiter is just a waiter less. */
  @Test
  void goesOnIfAWaitingThreadIsInterrupted() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
      Thread waiter =
          new Thread(() -> thrown.set(catchThrowable(scenario.pipeline()::awaitTermination)));
      waiter.start();
      await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
      waiter.interrupt();
      waiter.join();
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      assertThat(scenario.pipeline().status().state()).isEqualTo(State.RUNNING);

      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      scenario.awaitApplied().stop();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
      Leftovers.assertNone(scenario.source());
    }
  }

  /** A destination that refuses everything ends the pipeline; what it refused comes again. */
  @Test
  void endsByAFailureAndLeavesNothingOpen() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady()) {
      scenario.destination().on(Operation.EVENTS).reject(ErrorKind.DESTINATION_REJECTED);
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      EtlException failure =
          catchThrowableOfType(EtlException.class, scenario.pipeline()::awaitTermination);
      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
      assertThat(scenario.pipeline().status().state()).isEqualTo(State.FAILED);
      Lsn now = scenario.source().currentLsn();
      assertThatThrownBy(() -> scenario.pipeline().awaitApplied(now, Scenario.PATIENCE))
          .isSameAs(failure);
      assertThatThrownBy(() -> scenario.pipeline().awaitReady(Scenario.PATIENCE)).isSameAs(failure);
      assertThat(scenario.phase("users")).isInstanceOf(Ready.class);
      Leftovers.assertNone(scenario.source());

      scenario.destination().repair();
      scenario.start().awaitReady().awaitApplied();
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "users");
    }
  }

  /** A table is not marked for another copy by a pipeline that is over. */
  @Test
  void copiesNothingAgainOnceItHasEnded() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS).start().awaitReady().stop()) {
      assertThatThrownBy(() -> scenario.pipeline().resync(scenario.tableId("users")))
          .isInstanceOf(IllegalStateException.class);
      assertThat(scenario.phase("users")).isInstanceOf(Ready.class);
    }
  }

  /** A listener that interrupts the main stream ends the pipeline, and not in silence. */
  @Test
  void failsIfTheMainStreamIsInterrupted() throws InterruptedException {
    PipelineListener interrupting =
        new PipelineListener() {
          @Override
          public void onRetry(EtlException failure, int attempt, Duration delay) {
            Thread.currentThread().interrupt();
          }
        };
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS).listener(interrupting).start().awaitReady()) {
      scenario
          .source()
          .execute(
              "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'pgetl_apply_it'");
      assertThat(catchThrowable(() -> scenario.pipeline().awaitTermination(Scenario.PATIENCE)))
          .isInstanceOfSatisfying(
              EtlException.class,
              failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERNAL));
      assertThat(scenario.pipeline().status().state()).isEqualTo(State.FAILED);
      Leftovers.assertNone(scenario.source());
    }
  }

  /** A destination that hangs when it is closed and fails when it is asked for its name. */
  @Test
  void endsWhateverTheDestinationDoes() throws InterruptedException {
    CountDownLatch answer = new CountDownLatch(1);
    Destination broken = new NamelessDestination(answer);
    try (Scenario scenario =
        Scenario.with(Scenario.USERS_AND_ORDERS)
            .options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)))) {
      Pipeline pipeline = Pipeline.create(scenario.config(), scenario.store(), broken);
      pipeline.start();
      assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();
      pipeline.shutdown();
      assertThat(catchThrowable(() -> pipeline.awaitTermination(Scenario.PATIENCE)))
          .isInstanceOf(EtlException.class);
      assertThat(pipeline.status().state()).isEqualTo(State.FAILED);
      Leftovers.assertNone(scenario.source());
    } finally {
      answer.countDown();
    }
  }

  /** Takes everything, until it is closed. */
  private static final class NamelessDestination implements Destination {
    private final CountDownLatch answer;
    private volatile boolean closing;

    private NamelessDestination(CountDownLatch answer) {
      this.answer = answer;
    }

    @Override
    public String name() {
      if (closing) {
        throw new IllegalStateException("has no name any more");
      }
      return "broken";
    }

    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      return WriteResult.DURABLE;
    }

    @Override
    public void close() {
      closing = true;
      boolean interrupted = false;
      while (answer.getCount() > 0) {
        try {
          answer.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Pipeline create(Scenario scenario) {
    return Pipeline.create(scenario.config(), scenario.store(), scenario.destination());
  }
}
