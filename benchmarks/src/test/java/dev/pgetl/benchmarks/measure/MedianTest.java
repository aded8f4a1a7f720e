package dev.pgetl.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MedianTest {
  @Test
  void theIntervalEndsAtTheRanksOfTheTables() {
    assertThat(Median.rank(6)).isEqualTo(1);
    assertThat(Median.rank(8)).isEqualTo(1);
    assertThat(Median.rank(9)).isEqualTo(2);
    assertThat(Median.rank(11)).isEqualTo(2);
    assertThat(Median.rank(12)).isEqualTo(3);
    assertThat(Median.rank(21)).isEqualTo(6);
    assertThat(Median.rank(100)).isEqualTo(40);
  }

  @Test
  void theOrderOfTheValuesDoesNotMatter() {
    assertThat(Median.of(shuffledUpTo(6))).isEqualTo(new Median(3.5, 1, 6));
    assertThat(Median.of(shuffledUpTo(11))).isEqualTo(new Median(6, 2, 10));
    assertThat(Median.of(shuffledUpTo(21))).isEqualTo(new Median(11, 6, 16));
  }

  @Test
  void fewerThanSixValuesGiveNoInterval() {
    assertThat(Median.of(List.of(1.0, 3.0, 2.0, 5.0, 4.0)))
        .isEqualTo(new Median(3, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    assertThat(Median.of(List.of(7.0)).value()).isEqualTo(7);
  }

  private static List<Double> shuffledUpTo(int count) {
    List<Double> values =
        new ArrayList<>(IntStream.rangeClosed(1, count).mapToObj(Double::valueOf).toList());
    Collections.shuffle(values, new Random(count));
    return values;
  }
}
