package dev.pgetl.internal.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.ManualPlatform;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How long copies wait so that they keep to a rate. */
class CopyPaceTest {
  private static final long RATE = 1_000_000;

  private final ManualPlatform platform = new ManualPlatform(1);
  private final AtomicLong rate = new AtomicLong(RATE);
  private final CopyPace pace = new CopyPace(rate::get, platform);

  @Test
  void nothingWaitsWithoutALimit() {
    rate.set(0);

    assertThat(pace.take(Long.MAX_VALUE)).isZero();
  }

  @Test
  void aTenthOfASecondsShareIsReadAtOnce() {
    assertThat(pace.take(RATE / 10)).isZero();
    assertThat(pace.take(RATE / 10)).isEqualTo(Duration.ofMillis(100).toNanos());
  }

  @Test
  void keepsToTheRateOverTime() {
    long begin = platform.nanos();
    for (int i = 0; i < 1_000; i++) {
      platform.advance(Duration.ofNanos(pace.take(10_000)));
    }

    assertThat(Duration.ofNanos(platform.nanos() - begin))
        .isBetween(Duration.ofMillis(9_800), Duration.ofMillis(10_000));
  }

  @Test
  void allReadersShareTheRate() {
    assertThat(pace.take(RATE)).isEqualTo(Duration.ofMillis(900).toNanos());
    assertThat(pace.take(RATE)).isEqualTo(Duration.ofMillis(1_900).toNanos());
  }

  @Test
  void aChangeCountsForThoseWhoWait() {
    assertThat(pace.take(RATE)).isEqualTo(Duration.ofMillis(900).toNanos());

    rate.set(2 * RATE);
    assertThat(pace.take(0)).isEqualTo(Duration.ofMillis(400).toNanos());
    rate.set(0);
    assertThat(pace.take(0)).isZero();
  }

  @Test
  void whatWasNotReadIsNotSaved() {
    platform.advance(Duration.ofHours(1));

    assertThat(pace.take(RATE)).isEqualTo(Duration.ofMillis(900).toNanos());
  }
}
