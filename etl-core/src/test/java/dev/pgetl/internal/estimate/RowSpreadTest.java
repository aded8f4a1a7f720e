package dev.pgetl.internal.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RowSpreadTest {
  @Test
  void rowsThatLieEvenlyAreInAsManyBlocks() {
    RowSpread even = RowSpread.of(List.of(200.0));

    assertThat(even.rows()).isEqualTo(200);
    assertThat(even.blocksOf(0)).isZero();
    assertThat(even.blocksOf(50)).isEqualTo(0.25);
    assertThat(even.blocksOf(200)).isEqualTo(1);
    assertThat(even.blocksOf(300)).as("there are more than the sample shows").isEqualTo(1);
  }

  @Test
  void narrowRowsAreInFewerBlocks() {
    RowSpread spread = RowSpread.of(List.of(80.0, 20.0));

    assertThat(spread.rows()).isEqualTo(100);
    assertThat(spread.blocksOf(40)).isEqualTo(0.25);
    assertThat(spread.blocksOf(80)).isEqualTo(0.5);
    assertThat(spread.blocksOf(90)).isEqualTo(0.75);
  }

  /** A part may have none: a filter lets none through, or all were deleted. */
  @Test
  void partsWithoutRowsArePassedWithThoseBefore() {
    RowSpread spread = RowSpread.of(List.of(0.0, 10.0, 0.0, 10.0));

    assertThat(spread.blocksOf(0)).isEqualTo(0.25);
    assertThat(spread.blocksOf(5)).isEqualTo(0.375);
    assertThat(spread.blocksOf(10)).isEqualTo(0.75);
    assertThat(spread.blocksOf(20)).isEqualTo(1);
  }

  @Test
  void aTableWithoutRowsIsCopied() {
    assertThat(RowSpread.of(List.of(0.0)).blocksOf(0)).isEqualTo(1);
    assertThat(RowSpread.of(List.of(-1.0)).rows()).isZero();
  }
}
