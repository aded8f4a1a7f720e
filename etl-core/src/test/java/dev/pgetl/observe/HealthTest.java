package dev.pgetl.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.observe.Health.Level;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.ThreadStatus.Activity;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.store.TableReplicationPhase.Ready;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HealthTest {
  private static final FailureStatus AWAY =
      new FailureStatus(ErrorKind.DESTINATION_UNAVAILABLE, "no answer", Instant.EPOCH, 3, null);

  private static Health of(TableStatus.Builder table) {
    TableStatus status = table.build();
    return PipelineStatus.builder(State.RUNNING)
        .tables(Map.of(status.id(), status))
        .build()
        .health();
  }

  private static TableStatus.Builder table(TableReplicationPhase phase) {
    return TableStatus.builder(new TableId(7), new TableName("public", "users"), phase);
  }

  private static Errored errored(RetryDirective retry) {
    return new Errored("refused", "fix the rows", retry, 1, ErrorKind.DESTINATION_REJECTED);
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void isDownIfItDoesNothing(State state) {
    Level level =
        switch (state) {
          case CREATED, STOPPED, FAILED -> Level.DOWN;
          case STARTING, STANDBY, RUNNING, PAUSED, STOPPING -> Level.UP;
        };
    assertThat(PipelineStatus.builder(state).build().health().level()).isEqualTo(level);
  }

  @Test
  void saysWhyItHasFailed() {
    assertThat(PipelineStatus.builder(State.FAILED).failure(AWAY).build().health().reasons())
        .containsExactly("fails since 1970-01-01T00:00:00Z: DESTINATION_UNAVAILABLE: no answer");
  }

  @Test
  void saysWhatIsPausedSinceWhen() {
    assertThat(PipelineStatus.builder(State.PAUSED).pausedSince(Instant.EPOCH).build().health())
        .isEqualTo(new Health(Level.DEGRADED, List.of("paused since 1970-01-01T00:00:00Z")));
    assertThat(
            of(table(new Paused(Instant.EPOCH, new TableReplicationPhase.FinishedCopy())))
                .reasons())
        .containsExactly("table public.users paused since 1970-01-01T00:00:00Z");
  }

  @Test
  void isDegradedWhileTheStreamFails() {
    StreamStatus failing = StreamStatus.builder().failure(AWAY).build();
    Health health = PipelineStatus.builder(State.RUNNING).stream(failing).build().health();

    assertThat(health.level()).isEqualTo(Level.DEGRADED);
    assertThat(health.reasons()).singleElement().asString().startsWith("stream fails since 1970");
  }

  @Test
  void isDegradedOnceItHasWaitedForTooLong() {
    Duration limit = Duration.ofSeconds(3);
    PipelineStatus waiting =
        PipelineStatus.builder(State.RUNNING)
            .waits(List.of(waitOf(limit.plusNanos(1)), waitOf(limit)))
            .build();

    assertThat(waiting.health(limit))
        .isEqualTo(
            new Health(
                Level.DEGRADED,
                List.of("waits since 1970-01-01T00:00:00Z for the store to write")));
    assertThat(waiting.health().level()).isEqualTo(Level.UP);
  }

  @Test
  void isDegradedOnceAThreadHasNotMovedForTooLong() {
    Duration limit = Duration.ofSeconds(10);
    PipelineStatus status =
        PipelineStatus.builder(State.RUNNING)
            .threads(
                List.of(
                    thread("stuck", Activity.WORKS, limit.plusNanos(1)),
                    thread("works", Activity.WORKS, limit),
                    thread("waits", Activity.AWAITS_DESTINATION, limit.plusDays(1))))
            .build();

    assertThat(status.stalledThreads(limit))
        .extracting(ThreadStatus::name)
        .containsExactly("stuck");
    assertThat(status.health())
        .isEqualTo(
            new Health(
                Level.DEGRADED, List.of("thread stuck has not moved since 1970-01-01T00:00:00Z")));
  }

  private static ThreadStatus thread(String name, Activity activity, Duration duration) {
    return ThreadStatus.of(name, activity, Instant.EPOCH, duration);
  }

  private static WaitStatus waitOf(Duration duration) {
    return new WaitStatus("the store to write", Instant.EPOCH, duration);
  }

  @Test
  void isDegradedWhileAStandbyCouldNotTakeOver() {
    assertThat(PipelineStatus.builder(State.STANDBY).failure(AWAY).build().health().level())
        .isEqualTo(Level.DEGRADED);
  }

  @Test
  void namesEachTableThatFailsOrDiffers() {
    assertThat(of(table(new Ready())).level()).isEqualTo(Level.UP);
    assertThat(of(table(errored(RetryDirective.MANUAL))))
        .isEqualTo(
            new Health(
                Level.DEGRADED, List.of("table public.users has failed: refused. fix the rows")));
    assertThat(of(table(errored(RetryDirective.TIMED)).failure(AWAY)).reasons())
        .singleElement()
        .asString()
        .startsWith("table public.users fails since");
    assertThat(of(table(new Ready()).difference("rows were changed")).reasons())
        .containsExactly("table public.users differs: rows were changed");
  }

  @Test
  void namesWhatIsInQuarantine() {
    Instant oldest = Instant.parse("2026-03-01T12:00:00Z");
    QuarantineStatus quarantine =
        new QuarantineStatus(
            new TableId(1), new TableName("public", "users"), 3, oldest, List.of(), false, false);
    TableStatus.Builder status = table(new Ready()).quarantine(quarantine);

    assertThat(of(status))
        .isEqualTo(
            new Health(
                Level.DEGRADED,
                List.of(
                    "table public.users has events in quarantine: 3, the first committed at "
                        + oldest)));
  }
}
