package dev.pgetl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.Health.Level;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunStatusTest {
  private static final FailureStatus AWAY =
      new FailureStatus(ErrorKind.SOURCE_UNAVAILABLE, "no answer", Instant.EPOCH, 1, null);

  private static Level level(
      State state, int starts, @Nullable FailureStatus failure, boolean manual) {
    PipelineStatus pipeline = PipelineStatus.builder(state).build();
    return new RunStatus(pipeline, starts, failure, manual).health().level();
  }

  @Test
  void isDownUntilItIsStarted() {
    assertThat(level(State.CREATED, 0, null, false)).isEqualTo(Level.DOWN);
    assertThat(level(State.CREATED, 1, null, false)).isEqualTo(Level.UP);
  }

  @Test
  void isDownOnlyIfItNeedsManualIntervention() {
    assertThat(level(State.FAILED, 1, AWAY, true)).isEqualTo(Level.DOWN);
    assertThat(level(State.FAILED, 1, AWAY, false)).isEqualTo(Level.DEGRADED);
    assertThat(level(State.RUNNING, 2, null, false)).isEqualTo(Level.UP);
  }

  /** The failed pipeline is being closed, which takes a while if the store hangs. */
  @Test
  void isDegradedUntilItIsDecidedWhatFollows() {
    assertThat(level(State.FAILED, 1, null, false)).isEqualTo(Level.DEGRADED);
    assertThat(level(State.STOPPED, 1, null, false)).isEqualTo(Level.DOWN);
  }
}
