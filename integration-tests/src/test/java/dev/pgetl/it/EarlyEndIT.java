package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A pipeline that is closed while it is still starting, or a call of it is in progress. */
class EarlyEndIT {
  private static final String SLOT = "pgetl_apply_it";

  @Test
  void closingEndsAStartThatWaitsForATransaction() throws SQLException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS);
        Connection writer = scenario.source().connect();
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("insert into orders(description) values ('open')");
      Pipeline pipeline =
          Pipeline.create(
              scenario.options(builder -> builder.shutdownTimeout(Duration.ofSeconds(1))).config(),
              scenario.store(),
              scenario.destination());
      CompletableFuture<Boolean> start =
          CompletableFuture.supplyAsync(
              () -> {
                pipeline.start();
                return Thread.currentThread().isInterrupted();
              });
      await()
          .atMost(Scenario.PATIENCE)
          .until(() -> scenario.source().slots().stream().anyMatch(s -> s.name().equals(SLOT)));

      CompletableFuture<Void> close = CompletableFuture.runAsync(pipeline::close);

      assertThat(close).succeedsWithin(Duration.ofSeconds(10));
      assertThat(start).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(false);
      assertThat(pipeline.status().state()).isEqualTo(PipelineStatus.State.STOPPED);
      assertThat(scenario.store().getReplicationProgress(SLOT)).isEmpty();
      writer.rollback();
    }
  }

  /** The driver's own text asks to report a bug. */
  @Test
  void aStartOnAnInterruptedThreadSaysThatItWasInterrupted() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      Thread.currentThread().interrupt();
      EtlException failure = catchThrowableOfType(EtlException.class, scenario::start);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
      assertThat(failure.getMessage()).contains("interrupted").doesNotContain("unusual");
      scenario.start().awaitReady();
    }
  }

  /** The store may be another pipeline's by the time the answer comes. */
  @Test
  void anAnswerThatComesAfterTheEndMovesNoPosition() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario
          .options(builder -> builder.shutdownTimeout(Duration.ofMillis(700)))
          .start()
          .awaitReady();
      Hold late = scenario.destination().on(Operation.EVENTS).once().hold().ignoringInterrupts();
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      late.awaitReached();
      scenario.stop();
      ReplicationProgress stored = scenario.store().getReplicationProgress(SLOT).orElseThrow();

      late.release();
      await().atMost(Scenario.PATIENCE).until(EarlyEndIT::nothingRuns);

      assertThat(scenario.store().getReplicationProgress(SLOT)).contains(stored);
      RecordingDestination next = new RecordingDestination();
      try (Pipeline pipeline = Pipeline.create(scenario.config(), scenario.store(), next)) {
        pipeline.start();
        assertThat(pipeline.awaitApplied(scenario.source().currentLsn(), Scenario.PATIENCE))
            .isTrue();
      }
      assertThat(next.changes("users")).hasSize(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredInOrderExceptReplays()
          .converged(scenario.source(), "users");
    }
  }

  private static boolean nothingRuns() {
    return Thread.getAllStackTraces().keySet().stream()
        .noneMatch(thread -> thread.getName().startsWith("etl-it-"));
  }
}
