package dev.pgetl.internal.runtime.rows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.Platform;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long the destination may take to answer for a small table. */
class AnswerTimesTest {
  private static final long MILLISECOND = 1_000_000;

  private final AnswerTimes times = new AnswerTimes(Platform.jvm(), Platform.jvm());

  private Duration patience() {
    return Duration.ofNanos(times.patience(0));
  }

  @Test
  void nothingIsKnownOfTheFirstAnswer() {
    assertThat(patience()).isEqualTo(Duration.ofSeconds(15));
    assertThat(times.leave()).isTrue();
    assertThat(patience()).isEqualTo(Duration.ofSeconds(15));
  }

  @Test
  void aTableMayTakeTenTimesAsLongAsOthers() {
    times.answered(MILLISECOND);
    assertThat(patience()).as("at least").isEqualTo(Duration.ofMillis(250));

    times.answered(300 * MILLISECOND);
    times.answered(0);

    assertThat(patience()).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(3));
  }

  @Test
  void aTableWithManyRowsMayTakeLonger() {
    times.answered(MILLISECOND);

    assertThat(Duration.ofNanos(times.patience(4_000_000))).isEqualTo(Duration.ofMillis(4250));
  }

  @Test
  void oneSlowAnswerIsForgotten() {
    times.answered(Duration.ofMinutes(1).toNanos());

    for (int i = 0; i < 100; i++) {
      times.answered(MILLISECOND);
    }

    assertThat(patience()).isLessThan(Duration.ofSeconds(2));
  }

  /** A destination that pauses answers for none. */
  @Test
  void theNextTableMayTakeTwiceAsLong() {
    times.answered(MILLISECOND);

    assertThat(times.leave()).isTrue();
    assertThat(patience()).isEqualTo(Duration.ofMillis(500));
    assertThat(times.leave()).isTrue();
    assertThat(patience()).isEqualTo(Duration.ofSeconds(1));
    times.answered(MILLISECOND);
    assertThat(patience()).isEqualTo(Duration.ofMillis(250));
    for (int i = 0; i < 20; i++) {
      boolean unused = times.leave();
    }
    assertThat(patience()).as("at most").isEqualTo(Duration.ofSeconds(16));
  }

  @Test
  void soManyTablesAreLeftBehind() {
    for (int i = 0; i < 100; i++) {
      assertThat(times.leave()).isTrue();
    }
    assertThat(times.leave()).isFalse();

    times.returned();

    assertThat(times.leave()).isTrue();
    assertThat(times.leave()).isFalse();
  }
}
