package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** S84: the status, and the waits that rest on it, do not claim that all is well if it is not. */
class StatusIT {
  private static final Duration DELAY = Duration.ofMillis(200);

  private static Scenario scenario() {
    return Scenario.with(Scenario.USERS_AND_ORDERS)
        .options(builder -> builder.tableErrorRetryDelay(DELAY).tableErrorRetryMaxAttempts(20));
  }

  private static StreamStatus stream(Scenario scenario) {
    return scenario.pipeline().status().stream();
  }

  private static void insertUser(Scenario scenario) {
    scenario.source().execute("insert into users(name, age) values ('n', 1)");
  }

  /** The destination answers 503 for minutes; nothing else is wrong. */
  @Test
  void showsSinceWhenTheDestinationFailsAndSaysWhenItIsOver() throws InterruptedException {
    LogRecorder log = new LogRecorder();
    log.start();
    try (Scenario scenario = scenario().start().awaitReady()) {
      insertUser(scenario);
      scenario.awaitApplied();
      assertThat(stream(scenario).failure()).isEmpty();
      await().until(() -> stream(scenario).oldestUndelivered().isEmpty());
      Instant before = Instant.now();
      scenario.destination().on(Operation.EVENTS).reject(ErrorKind.DESTINATION_UNAVAILABLE);
      insertUser(scenario);

      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> stream(scenario).failure().filter(now -> now.attempt() > 2).isPresent());
      FailureStatus failure = stream(scenario).failure().orElseThrow();
      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
      assertThat(failure.since()).isAfterOrEqualTo(before);
      assertThat(failure.nextTry()).isAfter(failure.since());
      assertThat(stream(scenario).oldestUndelivered()).isPresent();
      assertThat(stream(scenario).delay()).isGreaterThan(DELAY.multipliedBy(3));

      scenario.destination().repair();
      scenario.awaitApplied();
      assertThat(stream(scenario).failure()).isEmpty();
      await().until(() -> stream(scenario).oldestUndelivered().isEmpty());
      assertThat(stream(scenario).lastProgress()).isAfter(before);
      assertThat(log.lines("the destination answers again after")).hasSize(1);
    } finally {
      log.stop();
    }
  }

  @Test
  void showsWhatFailsInACopy() throws InterruptedException {
    try (Scenario scenario = scenario()) {
      insertUser(scenario);
      scenario
          .destination()
          .on(Operation.ROWS)
          .of("users")
          .reject(ErrorKind.DESTINATION_UNAVAILABLE);
      scenario.start();

      await().atMost(Scenario.PATIENCE).until(() -> table(scenario).failure().isPresent());
      assertThat(table(scenario).phase()).isInstanceOf(DataSync.class);
      assertThat(table(scenario).failure().orElseThrow().kind())
          .isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);

      scenario.destination().repair();
      scenario.awaitReady();
      assertThat(table(scenario).failure()).isEmpty();
    }
  }

  private static TableStatus table(Scenario scenario) {
    TableStatus users = scenario.pipeline().status().tables().get(scenario.tableId("users"));
    assertThat(users).isNotNull();
    return users;
  }

  /** The server may be anywhere by then. */
  @Test
  void knowsNoLagWhileItIsNotConnected() throws InterruptedException {
    try (TcpProxy proxy = TcpProxy.to(TestPostgres.shared().host(), TestPostgres.shared().port());
        Scenario scenario = scenario().connection(builder -> builder.port(proxy.port()))) {
      scenario.start().awaitReady();
      assertThat(stream(scenario).lagBytes()).isPresent();

      proxy.refuse();

      await().atMost(Scenario.PATIENCE).until(() -> stream(scenario).failure().isPresent());
      assertThat(stream(scenario).failure().orElseThrow().kind())
          .isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
      assertThat(stream(scenario).lagBytes()).isEmpty();
      assertThat(scenario.pipeline().status().allReady()).isFalse();
    }
  }

  @Test
  void claimsNothingAfterTheEnd() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady()) {
      scenario.destination().on(Operation.EVENTS).reject(ErrorKind.DESTINATION_AUTHENTICATION);
      insertUser(scenario);

      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> scenario.pipeline().status().state() == State.FAILED);
      assertThat(scenario.pipeline().status().allReady()).isFalse();
      assertThat(stream(scenario).lagBytes()).isEmpty();
      assertThat(scenario.pipeline().status().failure().orElseThrow().kind())
          .isEqualTo(ErrorKind.DESTINATION_AUTHENTICATION);
    }
  }

  /** Waiting longer would not help; which table it is can be asked for. */
  @Test
  void theWaitsNameTheTableThatHasFailed() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady()) {
      long oid = scenario.tableId("users").oid();
      scenario
          .destination()
          .on(Operation.EVENTS)
          .of("users")
          .rejectWith(
              () ->
                  new EtlException(ErrorKind.DESTINATION_REJECTED, "no such column")
                      .withTable(oid));
      insertUser(scenario);
      scenario.source().execute("insert into orders(description) values ('taken')");
      scenario.awaitApplied();

      assertThat(scenario.pipeline().awaitReady(Scenario.PATIENCE)).isFalse();
      assertThat(
              scenario.pipeline().awaitApplied(scenario.source().currentLsn(), Scenario.PATIENCE))
          .isFalse();
      assertThat(
              scenario
                  .pipeline()
                  .awaitApplied(
                      scenario.source().currentLsn(),
                      Scenario.PATIENCE,
                      Set.of(scenario.tableId("orders"))))
          .isTrue();
      assertThat(scenario.pipeline().status().failedTables())
          .extracting(TableStatus::id)
          .containsExactly(scenario.tableId("users"));
    }
  }

  /** The rows that were there are not at the destination yet. */
  @Test
  void aTableThatIsCopiedIsNotApplied() throws InterruptedException {
    try (Scenario scenario = scenario()) {
      insertUser(scenario);
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").hold();
      scenario.start();
      hold.awaitReached();
      scenario.awaitReady("orders");
      scenario.awaitApplied();

      assertThat(scenario.pipeline().awaitApplied(scenario.source().currentLsn(), DELAY)).isFalse();

      hold.release();
      assertThat(
              scenario.pipeline().awaitApplied(scenario.source().currentLsn(), Scenario.PATIENCE))
          .isTrue();
    }
  }

  /** Everything was ready when the last process ended; this one has not read a byte. */
  @Test
  void isNotReadyBeforeTheStreamHasConnected() throws InterruptedException {
    try (Scenario scenario = scenario().start().awaitReady()) {
      scenario.stop();
      Failpoint.install(StatusIT::refuseStreams);
      scenario.start();

      assertThat(scenario.pipeline().awaitReady(DELAY.multipliedBy(3))).isFalse();
      assertThat(scenario.pipeline().status().allReady()).isFalse();
      assertThat(stream(scenario).lagBytes()).isEmpty();

      Failpoint.install(null);
      scenario.awaitReady();
    } finally {
      Failpoint.install(null);
    }
  }

  private static void refuseStreams(Failpoint at) {
    if (at == Failpoint.BEFORE_STREAM_OPENED) {
      throw new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "no stream");
    }
  }
}
