package dev.pgetl.internal.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final int RUNS = 1_000;

  private static Backoff seconds(int first) {
    return new Backoff(Duration.ofSeconds(first), 3, new Random(42));
  }

  @Test
  void allowsAsManyRetriesAsItIsTold() {
    assertThat(seconds(1).allows(1)).isTrue();
    assertThat(seconds(1).allows(3)).isTrue();
    assertThat(seconds(1).allows(4)).isFalse();
    assertThat(new Backoff(Duration.ofSeconds(1), 0, new Random(42)).allows(1)).isFalse();
  }

  @Test
  void doublesTheDelayUpToThirtyTwoTimesTheFirst() {
    int[] factors = {1, 2, 4, 8, 16, 32, 32, 32};
    for (int failures = 1; failures <= factors.length; failures++) {
      Duration full = Duration.ofSeconds(factors[failures - 1]);
      for (int run = 0; run < RUNS; run++) {
        assertThat(seconds(1).delay(failures))
            .isBetween(full, full.plus(full.dividedBy(4)))
            .isNotEqualTo(full.plus(full.dividedBy(4)));
      }
    }
  }

  @Test
  void doesNotOverflowAfterManyFailures() {
    assertThat(seconds(1).delay(Integer.MAX_VALUE))
        .isBetween(Duration.ofSeconds(32), Duration.ofSeconds(40));
  }

  @Test
  void spreadsTheDelays() {
    Backoff backoff = seconds(1);
    Duration low = Duration.ofMillis(1_050);
    Duration high = Duration.ofMillis(1_200);

    assertThat(Stream.generate(() -> backoff.delay(1)).limit(RUNS))
        .anyMatch(delay -> delay.compareTo(low) < 0)
        .anyMatch(delay -> delay.compareTo(high) > 0);
  }

  /** 10 s, 20 s and 40 s are as long as a quarter, a half, … and then 8 seconds, seven times. */
  @Test
  void connectsSoonerAndForAsLong() {
    Backoff connecting = seconds(10).connecting();

    assertThat(connecting.delay(0)).isZero();
    assertThat(connecting.delay(1)).isBetween(Duration.ofMillis(250), Duration.ofMillis(313));
    assertThat(connecting.delay(100)).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(10));
    assertThat(connecting.maxAttempts()).isEqualTo(6 + 7);
  }

  @Test
  void connectsNoSoonerIfItIsSoonAlready() {
    Backoff soon = new Backoff(Duration.ofMillis(200), 3, new Random(42));

    assertThat(soon.connecting()).isSameAs(soon);
    assertThat(seconds(10).unlimited().connecting().maxAttempts()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void hasNothingToSpreadIfTheDelayIsTiny() {
    Backoff backoff = new Backoff(Duration.ofNanos(3), 3, new Random(42));

    assertThat(backoff.delay(1)).isEqualTo(Duration.ofNanos(3));
  }
}
