package dev.pgetl.internal.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgetl.internal.estimate.Expectations.Expected;
import dev.pgetl.internal.estimate.TableLoad.Stage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How large tables are expected to be. */
class ExpectationsTest {
  private static final long NOT_KNOWN = -1;

  private static TableLoad waiting(long size, long planned) {
    return load(Stage.WAITING, new TableExtent(size, planned, null, false), 0, 0);
  }

  private static TableLoad running(long size, long planned, RowSpread spread, long rows) {
    long bytes = rows * 100;
    return load(Stage.RUNNING, new TableExtent(size, planned, spread, false), rows, bytes);
  }

  private static TableLoad done(long size, long planned, long rows, long bytes) {
    return load(Stage.DONE, new TableExtent(size, planned, null, false), rows, bytes);
  }

  private static TableLoad load(Stage stage, TableExtent extent, long rows, long bytes) {
    return new TableLoad(stage, false, extent, rows, bytes, Spent.NOTHING);
  }

  private static Expected expected(TableLoad load, TableLoad... others) {
    List<TableLoad> all = new ArrayList<>(List.of(others));
    all.add(load);
    return Expectations.of(all).of(load);
  }

  @Test
  void aTableThatWaitsHasTheRowsOfItsStatistics() {
    Expected expected = expected(waiting(1_000_000, 5_000));

    assertThat(expected.rowsLeft()).isEqualTo(5_000);
    assertThat(expected.bytesLeft()).isEqualTo(1_000_000);
  }

  @Test
  void aTableWithoutStatisticsIsLikeTheOthers() {
    Expected expected = expected(waiting(1_000, NOT_KNOWN), done(2_000, NOT_KNOWN, 40, 6_000));

    assertThat(expected.rows()).isEqualTo(20);
    assertThat(expected.bytes()).isEqualTo(3_000);
  }

  @Test
  void statisticsThatWereWrongAreNotTrusted() {
    TableLoad load = waiting(1_000, 700);

    assertThat(expected(load, done(2_000, 400, 40, 6_000)).rows()).isEqualTo(20);
    assertThat(expected(load, done(2_000, 400, 40, 6_000), done(2_000, 41, 40, 6_000)).rows())
        .as("half of them were right")
        .isEqualTo(700);
  }

  @Test
  void aSampleIsBetterThanStatistics() {
    Expected expected = expected(running(1_000_000, 100, RowSpread.of(List.of(5_000.0)), 500));

    assertThat(expected.rows()).isEqualTo(5_000);
    assertThat(expected.rowsLeft()).isEqualTo(4_500);
    assertThat(expected.bytes()).as("a tenth had 50,000").isCloseTo(500_000, within(1.0));
  }

  /** Of the first rows of a table nothing follows. */
  @Test
  void theFirstRowsOfATableCountLessThanOtherTables() {
    RowSpread spread = RowSpread.of(List.of(100_000.0));
    TableLoad other = done(1_000_000, NOT_KNOWN, 10_000, 2_000_000);

    assertThat(expected(running(10_000_000, NOT_KNOWN, spread, 1), other).bytes())
        .isCloseTo(20_000_000, within(10_000.0));
    assertThat(expected(running(10_000_000, NOT_KNOWN, spread, 50_000), other).bytes())
        .isCloseTo(10_000_000, within(1.0));
  }

  /** A single table that is copied again: there was no need to read its size. */
  @Test
  void theFirstRowsOfATableWhoseSizeIsNotKnownCount() {
    Expected expected =
        expected(running(NOT_KNOWN, NOT_KNOWN, RowSpread.of(List.of(10_000.0)), 100));

    assertThat(expected.bytes()).isCloseTo(1_000_000, within(1.0));
  }

  /** It has fewer rows for its size than those that are copied as a whole. */
  @Test
  void aTableOfWhichOnlySomeRowsAreCopiedSaysNothingOfOthers() {
    TableLoad filtered = load(Stage.DONE, new TableExtent(2_000, 400, null, true), 1, 10);

    Expected expected = expected(waiting(1_000, 700), filtered);

    assertThat(expected.rows()).isEqualTo(700);
    assertThat(expected.bytes()).isEqualTo(1_000);
  }

  @Test
  void aTableThatHasMoreThanExpectedIsNearlyCopied() {
    Expected expected = expected(running(1_000, NOT_KNOWN, RowSpread.of(List.of(100.0)), 120));

    assertThat(expected.rowsLeft()).isZero();
    assertThat(expected.bytesLeft()).isZero();
  }

  @Test
  void aTableOfWhichNothingIsKnownHasNothing() {
    Expected expected = expected(waiting(NOT_KNOWN, NOT_KNOWN));

    assertThat(expected.rows()).isZero();
    assertThat(expected.bytes()).isZero();
  }
}
