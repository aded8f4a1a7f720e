package dev.pgetl.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenciesTest {
  private final Latencies latencies = new Latencies();

  @Test
  void aShareOfAllDidNotExceedItsPercentile() {
    for (int i = 10_000; i > 0; i--) {
      latencies.add(i);
    }

    assertThat(latencies.count()).isEqualTo(10_000);
    assertThat(latencies.millis(0.5)).isEqualTo(5.0);
    assertThat(latencies.millis(0.99)).isEqualTo(9.9);
    assertThat(latencies.millis(1)).isEqualTo(10.0);
  }

  @Test
  void aShareBetweenTwoIsThatOfTheSlower() {
    latencies.add(3_000);
    latencies.add(1_000);
    latencies.add(2_000);

    assertThat(latencies.millis(0.5)).isEqualTo(2.0);
    assertThat(latencies.millis(0.99)).isEqualTo(3.0);
  }

  @Test
  void oneAloneIsEveryPercentile() {
    latencies.add(1_500);

    assertThat(latencies.millis(0.5)).isEqualTo(1.5);
    assertThat(latencies.millis(1)).isEqualTo(1.5);
  }

  @Test
  void forgets() {
    latencies.add(1_500);
    latencies.clear();

    assertThat(latencies.count()).isZero();
    assertThat(latencies.millis(0.5)).isNaN();
  }
}
