package dev.pgetl.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.ThreadStatus;
import dev.pgetl.observe.ThreadStatus.Activity;
import dev.pgetl.observe.WaitStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StallDetectorTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private final StallDetector detector =
      new StallDetector(Duration.ofSeconds(50), Duration.ofSeconds(10));

  @Test
  void noticesWorkThatDoesNotMove() {
    PipelineStatus status = running(busy().build()).build();
    assertThat(stalledAt(status, 0)).isFalse();
    assertThat(stalledAt(status, 60)).isFalse();
    assertThat(stalledAt(status, 61)).isTrue();
    assertThat(stalledAt(running(busy().events(1).build()).build(), 62)).isFalse();
  }

  @Test
  void aPipelineThatMovesIsNotStalled() {
    for (int second = 0; second < 200; second += 10) {
      assertThat(stalledAt(running(busy().bytes(second).build()).build(), second)).isFalse();
    }
  }

  @Test
  void anIdlePipelineIsNotStalled() {
    PipelineStatus status = running(busy().oldestUndelivered(null).build()).build();
    assertThat(stalledAt(status, 0)).isFalse();
    assertThat(stalledAt(status, 1000)).isFalse();
  }

  @Test
  void whoWaitsForAServerIsNotStalled() {
    WaitStatus wait = new WaitStatus("destination: writeEvents", NOW, Duration.ofMillis(1));
    PipelineStatus waits = running(busy().build()).waits(List.of(wait)).build();
    assertThat(stalledAt(waits, 0)).isFalse();
    assertThat(stalledAt(waits, 1000)).isFalse();
    assertThat(stalledAt(running(busy().build()).build(), 1001)).isFalse();
  }

  @Test
  void whatFailsOrIsPausedIsNotStalled() {
    FailureStatus failure =
        new FailureStatus(ErrorKind.DESTINATION_UNAVAILABLE, "write events", NOW, 1, null);
    PipelineStatus fails = running(busy().failure(failure).build()).build();
    PipelineStatus paused = PipelineStatus.builder(State.PAUSED).stream(busy().build()).build();
    for (PipelineStatus status : List.of(fails, paused)) {
      assertThat(stalledAt(status, 0)).isFalse();
      assertThat(stalledAt(status, 1000)).isFalse();
    }
  }

  @Test
  void noticesAThreadThatHasNotMovedAtTwoLooks() {
    PipelineStatus idle = running(StreamStatus.NONE).build();
    PipelineStatus stuck = with(thread("apply", Activity.WORKS, 51));
    assertThat(stalledAt(stuck, 0)).as("the process may have been suspended").isFalse();
    assertThat(stalledAt(stuck, 1)).isTrue();
    assertThat(stalledAt(idle, 2)).isFalse();
    assertThat(stalledAt(stuck, 3)).isFalse();
    assertThat(stalledAt(with(thread("other", Activity.WORKS, 51)), 4)).isFalse();
    assertThat(stalledAt(with(thread("other", Activity.WORKS, 50)), 5)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WORKS")
  void aThreadThatWaitsIsNotStalled(Activity activity) {
    PipelineStatus waits = with(thread("apply", activity, 100_000));
    assertThat(stalledAt(waits, 0)).isFalse();
    assertThat(stalledAt(waits, 1)).isFalse();
  }

  private static PipelineStatus with(ThreadStatus thread) {
    return running(StreamStatus.NONE).threads(List.of(thread)).build();
  }

  private static ThreadStatus thread(String name, Activity activity, long seconds) {
    return ThreadStatus.of(name, activity, NOW, Duration.ofSeconds(seconds));
  }

  private boolean stalledAt(PipelineStatus status, long second) {
    return detector.isStalled(status, Duration.ofSeconds(second).toNanos());
  }

  private static PipelineStatus.Builder running(StreamStatus stream) {
    return PipelineStatus.builder(State.RUNNING).stream(stream);
  }

  private static StreamStatus.Builder busy() {
    return StreamStatus.builder().connected(true).oldestUndelivered(NOW);
  }
}
