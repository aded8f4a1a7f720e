package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.pgetl.Pipeline;
import dev.pgetl.PipelineGroup;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.it.GroupScenario.Part;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.SlotState;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Starting, waiting and ending of several pipelines as one. */
class GroupLifeCycleIT {
  private final GroupScenario scenario = new GroupScenario();
  private final Part users = scenario.users;
  private final Part orders = scenario.orders;
  private final Part events = scenario.events;

  @AfterEach
  void close() {
    scenario.close();
  }

  @Test
  void refusesPipelinesThatAreNotOfTheirOwn() {
    Pipeline pipeline = scenario.pipeline(users);
    assertThatIllegalArgumentException().isThrownBy(PipelineGroup::of);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineGroup.of(pipeline, pipeline))
        .withMessageContaining("own id; they are [users, users]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineGroup.of(pipeline, scenario.pipeline(users)))
        .withMessageContaining("own id");
    Pipeline sharesTheStore =
        Pipeline.create(scenario.config(orders), users.store, new RecordingDestination());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineGroup.of(pipeline, sharesTheStore))
        .withMessageContaining("own store; they are [users, orders]");
    Pipeline sharesTheDestination =
        Pipeline.create(scenario.config(orders), orders.store, users.destination);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineGroup.of(List.of(pipeline, sharesTheDestination)))
        .withMessageContaining("own destination");
  }

  @Test
  void tellsOfEachInOrder() throws InterruptedException {
    assertThat(scenario.create().status()).containsOnlyKeys("users", "orders", "events");
    assertThat(scenario.states()).containsOnly(State.CREATED);
    scenario.start().awaitReady();
    assertThat(scenario.group().status().keySet()).containsExactly("users", "orders", "events");
    assertThat(scenario.states()).containsOnly(State.RUNNING);
    assertThat(scenario.group().awaitTermination(Duration.ZERO)).isFalse();
    scenario.stop();
    assertThat(scenario.states()).containsOnly(State.STOPPED);
  }

  @Test
  void startsOnce() throws InterruptedException {
    scenario.start().awaitReady();
    assertThatThrownBy(scenario.group()::start).isInstanceOf(IllegalStateException.class);
    assertThat(scenario.states()).containsOnly(State.RUNNING);
    scenario.stop();
    assertThatThrownBy(scenario.group()::start).isInstanceOf(IllegalStateException.class);
  }

  /** Nothing is touched, neither what runs already nor the others. */
  @Test
  void refusesAPipelineThatWasStartedBefore() {
    try (Pipeline first = scenario.pipeline(users);
        Pipeline second = scenario.pipeline(orders)) {
      second.start();
      assertThatThrownBy(PipelineGroup.of(first, second)::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("pipeline orders");
      assertThat(first.status().state()).isEqualTo(State.CREATED);
      assertThat(second.status().state()).isEqualTo(State.RUNNING);
    }
  }

  @Test
  void ifOneCannotStartAllAreClosed() {
    scenario.source().execute("drop publication pub_orders");
    EtlException failure = catchThrowableOfType(EtlException.class, scenario.create()::start);

    assertThat(failure.kind()).isEqualTo(ErrorKind.PUBLICATION_MISSING);
    assertThat(scenario.states()).containsExactly(State.STOPPED, State.FAILED, State.STOPPED);
    assertThatThrownBy(scenario.group()::awaitTermination).isSameAs(failure);
    assertThat(scenario.source().slots())
        .extracting(SlotState::name)
        .contains("pgetl_apply_users")
        .doesNotContain("pgetl_apply_orders", "pgetl_apply_events");
    Leftovers.assertNone(scenario.source(), users.store);
  }

  @Test
  void refusesATableOfTwoPublications() {
    scenario.source().execute("alter publication pub_events add table orders, users");
    EtlException failure = catchThrowableOfType(EtlException.class, scenario.create()::start);

    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(failure)
        .hasMessageContaining("pipeline events (publication \"pub_events\")")
        .hasMessageContaining("public.orders of pipeline orders (publication \"pub_orders\")")
        .hasMessageContaining("public.users of pipeline users (publication \"pub_users\")");
    assertThat(scenario.states()).containsExactly(State.STOPPED, State.STOPPED, State.FAILED);
    assertThat(events.store.getTableReplicationStates()).isEmpty();
    assertThat(events.destination.calls(Operation.CLOSE)).hasSize(1);
    Leftovers.assertNone(scenario.source(), users.store, orders.store);
  }

  /** Nobody waits for the group when one fails. */
  @Test
  void theFailureOfOneIsTheEndOfAll() throws InterruptedException {
    scenario.start().awaitReady();
    orders.destination.on(Operation.EVENTS).reject(ErrorKind.DESTINATION_REJECTED);
    users.destination.on(Operation.CLOSE).reject(ErrorKind.DESTINATION_FAILED);
    scenario.insert(orders, users);
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.states().equals(List.of(State.FAILED, State.FAILED, State.STOPPED)));

    EtlException failure =
        catchThrowableOfType(EtlException.class, scenario.group()::awaitTermination);
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
    assertThat(failure.getSuppressed())
        .singleElement()
        .isInstanceOfSatisfying(
            EtlException.class,
            other -> assertThat(other.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED));
    Lsn now = scenario.source().currentLsn();
    assertThatThrownBy(() -> scenario.group().awaitReady(Duration.ZERO)).isSameAs(failure);
    assertThatThrownBy(() -> scenario.group().awaitApplied(now, Duration.ZERO)).isSameAs(failure);
    Leftovers.assertNone(scenario.source());

    scenario.parts().forEach(part -> part.destination.repair());
    scenario.start().awaitReady().awaitApplied();
    for (Part part : scenario.parts()) {
      DeliveryAssert.assertThat(part.destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), part.id);
    }
  }

  /** Who waits for another pipeline hears of the one that failed. */
  @Test
  void theFailureEndsEveryWait() throws InterruptedException {
    scenario.options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1)));
    scenario.start().awaitReady();
    Hold hold = users.destination.on(Operation.EVENTS).hold();
    scenario.insert(users);
    hold.awaitReached();
    Lsn now = scenario.source().currentLsn();
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return scenario.group().awaitApplied(now, Scenario.PATIENCE);
              } catch (InterruptedException e) {
                throw new CompletionException(e);
              }
            });
    events.destination.on(Operation.EVENTS).reject(ErrorKind.DESTINATION_REJECTED);
    scenario.insert(events);
    assertThatThrownBy(waiting::join)
        .cause()
        .isInstanceOfSatisfying(
            EtlException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED));
  }

  @Test
  void oneMayFailWhileOthersStart() throws InterruptedException {
    scenario.start().awaitReady().stop();
    Hold hold = orders.destination.on(Operation.STARTUP).hold();
    users.destination.on(Operation.EVENTS).reject(ErrorKind.DESTINATION_REJECTED);
    PipelineGroup group = scenario.create();
    CompletableFuture<Void> starting = CompletableFuture.runAsync(group::start);
    hold.awaitReached();
    scenario.insert(users);
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.states().equals(List.of(State.FAILED, State.STOPPED, State.STOPPED)));
    hold.release();

    assertThatThrownBy(starting::join)
        .cause()
        .isInstanceOfSatisfying(
            EtlException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED));
    assertThat(scenario.states()).containsExactly(State.FAILED, State.STOPPED, State.STOPPED);
    Leftovers.assertNone(scenario.source());
  }

  @Test
  void canBeShutDownWhileItStarts() throws InterruptedException {
    Hold hold = orders.destination.on(Operation.STARTUP).hold();
    PipelineGroup group = scenario.create();
    CompletableFuture<Void> starting = CompletableFuture.runAsync(group::start);
    hold.awaitReached();
    group.shutdown();
    hold.release();
    starting.join();
    group.awaitTermination();
    assertThat(scenario.states()).containsOnly(State.STOPPED);
    Leftovers.assertNone(scenario.source(), users.store, orders.store, events.store);
  }

  @Test
  void canBeShutDownBeforeTheStart() throws InterruptedException {
    PipelineGroup group = scenario.create();
    assertThatThrownBy(() -> group.awaitReady(Duration.ZERO))
        .isInstanceOf(IllegalStateException.class);
    group.shutdown();
    group.close();
    group.awaitTermination();
    assertThatThrownBy(group::start).isInstanceOf(IllegalStateException.class);
    assertThat(scenario.source().slots()).isEmpty();
  }

  /** One that was ended alone is not missed; the others go on. */
  @Test
  void onePipelineMayEndInGoodOrder() throws InterruptedException {
    Pipeline first = scenario.pipeline(users);
    try (PipelineGroup group = PipelineGroup.of(first, scenario.pipeline(orders))) {
      group.start();
      first.close();
      assertThat(group.awaitTermination(Duration.ZERO)).isFalse();
      assertThat(group.status().values())
          .extracting(PipelineStatus::state)
          .containsExactly(State.STOPPED, State.RUNNING);
    }
  }

  @Test
  void goesOnIfAWaitingThreadIsInterrupted() throws InterruptedException {
    scenario.start().awaitReady();
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        new Thread(() -> thrown.set(catchThrowable(scenario.group()::awaitTermination)));
    waiter.start();
    await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
    waiter.interrupt();
    waiter.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(scenario.states()).containsOnly(State.RUNNING);
  }

  /** Two destinations hang for ever: their time runs at once, and the third ends in good order. */
  @Test
  void closesInTheTimeOfTheSlowest() throws InterruptedException {
    scenario.options(builder -> builder.shutdownTimeout(Duration.ofSeconds(2)));
    scenario.start().awaitReady();
    Hold first = users.destination.on(Operation.EVENTS).hold().ignoringInterrupts();
    Hold second = orders.destination.on(Operation.EVENTS).hold().ignoringInterrupts();
    scenario.insert(users, orders, events);
    first.awaitReached();
    second.awaitReached();
    events.destination.awaitChanges("events", 1);

    assertTimeout(Duration.ofSeconds(5), scenario.group()::close); // one alone takes three

    Leftovers.assertNone(scenario.source());
    first.release();
    second.release();
    assertThat(scenario.states()).containsOnly(State.STOPPED);
    scenario.start().awaitReady().awaitApplied();
    assertThat(events.destination.changes("events")).hasSize(1);
    for (Part part : scenario.parts()) {
      DeliveryAssert.assertThat(part.destination)
          .deliveredInOrderExceptReplays()
          .converged(scenario.source(), part.id);
    }
  }
}
