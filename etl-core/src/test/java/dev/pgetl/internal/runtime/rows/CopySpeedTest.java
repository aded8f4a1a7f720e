package dev.pgetl.internal.runtime.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgetl.internal.platform.Platform;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CopySpeedTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final long GUESS = 30 << 20;

  private final CopySpeed speed = new CopySpeed(Platform.jvm());

  private void copied(long mebibytes, long seconds) {
    speed.copied(mebibytes << 20, Duration.ofSeconds(seconds).toNanos());
  }

  @Test
  void isAGuessAtFirst() {
    assertThat(speed.bytesIn(SECOND)).isEqualTo(GUESS);
    assertThat(speed.bytesIn(Duration.ofMillis(100))).isEqualTo(GUESS / 10);
  }

  @Test
  void isThatOfTheCopiesOnceThereAreSome() {
    copied(20, 10); // 320 MiB in 20 s, with the guess

    assertThat(speed.bytesIn(SECOND)).isEqualTo(16 << 20);
    copied(90_000, 900);
    assertThat(speed.bytesIn(SECOND)).isCloseTo(100 << 20, within(2L << 20));
  }

  /** Most of their time is not that of their rows. */
  @Test
  void leavesOutSmallTablesAndThoseOfUnknownSize() {
    copied(7, 1_000);
    speed.copied(-1, SECOND.toNanos());

    assertThat(speed.bytesIn(SECOND)).isEqualTo(GUESS);
  }

  @Test
  void forgetsHowItWasLongAgo() {
    for (int hour = 0; hour < 10; hour++) {
      copied(3_600, 3_600);
    }
    for (int minute = 0; minute < 60; minute++) {
      copied(6_000, 60);
    }

    assertThat(speed.bytesIn(SECOND)).isCloseTo(100 << 20, within(10L << 20));
  }
}
