package dev.pgetl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ManualTimeTest {
  private final ManualTime time = ManualTime.startingAt(Instant.EPOCH);

  @Test
  void standsStillUntilMoved() {
    assertThat(time.instant()).isEqualTo(Instant.EPOCH);
    time.advance(Duration.ofSeconds(2));
    assertThat(time.instant()).isEqualTo(Instant.ofEpochSecond(2));
    assertThat(time.nanoTime()).isEqualTo(2_000_000_000L);
  }

  @Test
  void elapsedTimeDoesNotFollowTheWallClock() {
    time.setInstant(Instant.EPOCH.minusSeconds(10));
    assertThat(time.instant()).isEqualTo(Instant.ofEpochSecond(-10));
    assertThat(time.nanoTime()).isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> time.advance(Duration.ofNanos(-1)));
  }
}
